"""TTN305 abstract-class."""

from __future__ import annotations

from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.calls.making import unmade

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class AbstractClass(Rule):
    """An instance is made of a class that lacks methods which the target declares abstract.

    ## What it does
    Finds calls of torchtitan's abstract classes, and of classes of the file that derive from one and
    do not define all that it asks for at the target.

    ## Why is this bad?
    The call raises `TypeError`: Python makes no instance of a class with abstract methods.

    ## Fix safety
    There is no fix: what the missing methods do, nobody but the author knows.
    """

    sources = (
        Citation("Python: abc.abstractmethod", "https://docs.python.org/3/library/abc.html"),
    )
    bad = (
        Example(
            code="""\
from torchtitan.components.tokenizer import BaseTokenizer


class Words(BaseTokenizer):
    def encode(self, text):
        return [len(word) for word in text.split()]

    def decode(self, tokens):
        return " ".join("x" * token for token in tokens)


tokenizer = Words()
""",
        ),
        Example(
            about="the class itself",
            code="""\
from torchtitan.models.utils import MoEStateDictAdapter


def adapter(config, path):
    return MoEStateDictAdapter(config, path)
""",
        ),
    )
    good = (
        Example(
            about="all of it is there",
            code="""\
from torchtitan.components.tokenizer import BaseTokenizer


class Words(BaseTokenizer):
    def encode(self, text):
        return [len(word) for word in text.split()]

    def decode(self, tokens):
        return " ".join("x" * token for token in tokens)

    def get_vocab_size(self):
        return 100


tokenizer = Words()
""",
        ),
        Example(
            about="what derives from it may have more",
            code="""\
from torchtitan.components.tokenizer import BaseTokenizer


class Words(BaseTokenizer):
    def encode(self, text):
        return [len(word) for word in text.split()]
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for found in unmade(file):
            missing = ", ".join(f"`{name}`" for name in found.missing)
            if found.is_own:
                note = f"`{found.base.name}` asks for {missing}, and it has none"
                advice = f"Define {missing}"
            else:
                note = f"what derives from it defines {missing}"
                advice = "Make an instance of a class that derives from it"
            yield Report(
                found.call,
                f"`{found.name}` is abstract at {file.target.label}, so none can be made",
                key=(found.name, *found.missing),
                notes=(note,),
                help=advice,
            )
