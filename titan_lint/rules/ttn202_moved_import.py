"""TTN202 moved-import."""

from __future__ import annotations

from titan_lint.finding import Obligation
from titan_lint.fixes import imports
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.imports.analysis import Imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class MovedImport(Rule):
    """A module or name of torchtitan that lives somewhere else at the target.

    ## What it does
    As TTN201, for what the target has under exactly one other public path. The catalogue of changes
    says where; without a row there, what has the same name and the same shape from each known
    torchtitan to the next is the same thing.

    An import that may fail (`except ImportError: X = None`) is a warning where it always fails, `X` is
    used, and the file has nothing of torchtitan's to put in its place.

    ## Why is this bad?
    The import raises `ImportError` or `ModuleNotFoundError`, a dotted use `AttributeError`.

    ## Fix safety
    The import is rewritten together with all uses of what it brings, and joins an import of the new
    module that is there already, in its order and layout. Safe where it is certainly the same thing
    under another path; unsafe where it has changed on the way, or where a class of another name does
    not take what is passed to it, or has lost fields and may be made out of sight: the file hands it to
    a function, keeps it in a table, in a loop or under another name, reads a field off the class itself, or calls the type of a field
    (`field.type(**given)`). It keeps the old name here (`import New as Old`) where anything may
    still ask for that: another file of the project, `__all__`, a string, `globals()`, an instance of
    the class around it, `del` or `global`; or where the new name means something else in the file. An
    import never moves above a statement that it stood below, and one with comments at it stays where
    it is. There is no fix where the file puts something into the module, or another file puts something
    in its place in `sys.modules`; nor where another file imports such a name from this one with care
    (`try`, `suppress`, `importorskip`) and uses it: all of that begins to run once this file can be
    imported, and is not seen from here. The path in a `mock.patch` is
    rewritten, unsafely, where it was that of the definition: a patch works where the name is looked
    up.
    """

    sources = (
        Citation(
            "components.lr_scheduler is removed", "pytorch/torchtitan 203f9a806", "2026-08-18"
        ),
        Citation(
            "attention moves into models.common", "pytorch/torchtitan 9810191bb", "2026-02-23"
        ),
        Citation("the profiler's settings move", "pytorch/torchtitan de7fc7bd0", "2026-04-17"),
    )
    rests_on = (Obligation.WHOLE_RENAME,)
    bad = (
        Example(
            about="merged into the import that is there",
            code="""\
from torchtitan.components.checkpoint import CheckpointManager
from torchtitan.components.lr_scheduler import LRSchedulersContainer
from torchtitan.components.optimizer import OptimizersContainer
from torchtitan.config import TrainingConfig

schedule = LRSchedulersContainer.Config(warmup_steps=2)
""",
            fixed="""\
from torchtitan.components.checkpoint import CheckpointManager
from torchtitan.components.optimizer import LRSchedulersContainer, OptimizersContainer
from torchtitan.config import TrainingConfig

schedule = LRSchedulersContainer.Config(warmup_steps=2)
""",
        ),
        Example(
            about="dotted uses",
            code="""\
import torchtitan.components.lr_scheduler as lrs

schedule = lrs.LRSchedulersContainer.Config(warmup_steps=2)
""",
            fixed="""\
import torchtitan.components.optimizer as lrs

schedule = lrs.LRSchedulersContainer.Config(warmup_steps=2)
""",
        ),
        Example(
            about="another name",
            code="""\
from torchtitan.config.job_config import Compile, LRScheduler

schedule = LRScheduler(warmup_steps=2)
compile_config: Compile = Compile(enable=True)
""",
            fixed="""\
from torchtitan.components.optimizer import LRSchedulersContainer
from torchtitan.config import CompileConfig

schedule = LRSchedulersContainer.Config(warmup_steps=2)
compile_config: CompileConfig = CompileConfig(enable=True)
""",
        ),
        Example(
            about="it is here to be passed on",
            code="""\
from torchtitan.config.job_config import Training

__all__ = ["Training"]
""",
            fixed="""\
from torchtitan.config import TrainingConfig as Training

__all__ = ["Training"]
""",
        ),
        Example(
            about="optional, and always missing",
            code="""\
try:
    from torchtitan.components.lr_scheduler import LRSchedulersContainer
except ImportError:
    LRSchedulersContainer = None


def schedule(steps):
    if LRSchedulersContainer is None:
        return None
    return LRSchedulersContainer.Config(warmup_steps=steps)
""",
        ),
        Example(
            about="what a test replaces",
            code="""\
from unittest import mock

with mock.patch("torchtitan.components.lr_scheduler.LRSchedulersContainer.step"):
    pass
""",
            fixed="""\
from unittest import mock

with mock.patch("torchtitan.components.optimizer.LRSchedulersContainer.step"):
    pass
""",
            safe=False,
        ),
    )
    good = (
        Example(
            about="still there at its time",
            torchtitan="2026-06-15",
            code="""\
from torchtitan.components.lr_scheduler import LRSchedulersContainer
""",
        ),
        Example(
            about="both versions are supported",
            code="""\
try:
    from torchtitan.components.lr_scheduler import LRSchedulersContainer
except ImportError:
    from torchtitan.components.optimizer import LRSchedulersContainer
""",
        ),
        Example(
            about="the checkpointer's old path still works at 0.3.0",
            code="""\
from torchtitan.components.checkpoint import CheckpointManager
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for missing in file.once(Imports).missing:
            home = missing.home
            if home is None:
                continue
            message, notes = words.missing(file, missing.path)
            if missing.is_unread:
                notes += (words.UNREAD,)
            notes += (f"at {file.target.label} it is `{home.path}`",)
            if missing.is_optional:
                notes += ("this always fails, and what needs it is left out",)
            more = home.change.note if home.change is not None else ""
            if more and not any(more in note for note in notes):
                notes += (more,)
            certain = missing.severity is None or missing.statement is not None
            rewrite = imports.rewrite(file, missing) if certain else None
            yield Report(
                missing.node,
                message,
                rewrite,
                missing.severity,
                key=(missing.path, home.path),
                notes=notes,
                help=f"Use `{home.path}`",
            )
