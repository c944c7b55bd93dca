"""TTN901 unused-noqa."""

from __future__ import annotations

from titan_lint.finding import Severity
from titan_lint.rules.base import Example, Report, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File


class UnusedNoqa(Rule):
    """A suppression comment that suppresses nothing.

    ## What it does
    Finds the codes of this linter in `# noqa: ...` and `# titan-lint: noqa: ...` comments where the
    rule reports nothing that the comment could hide: the code was fixed since, or the code is
    mistyped, listed twice, or none of a rule.

    Only codes of this linter are looked at, only those of rules that are switched on, and never a
    `# noqa` without codes: it may serve another tool.

    ## Why is this bad?
    A suppression that is no longer needed hides the next finding on its line.

    ## Fix safety
    Safe: only the code is removed, or the comment where nothing else is in it. Codes of other tools
    and reasons written behind the codes stay.
    """

    severity = Severity.WARNING
    bad = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex")  # noqa: TTN107
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B", attn_backend="flex")
""",
        ),
        Example(
            code="""\
import os  # noqa: F401, TTN101
""",
            fixed="""\
import os  # noqa: F401
""",
            about="what belongs to another tool stays",
        ),
    )
    good = (
        Example(
            code="""\
from torchtitan.models.llama3 import model_registry

spec = model_registry("8B")  # noqa: TTN107
""",
            about="the comment hides a finding",
        ),
        Example(
            code="""\
import os  # noqa
""",
            about="without codes it may serve another tool",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """Find nothing: what a suppression hides is known only after all other rules.

        See :func:`titan_lint.check.suppress.suppress`.
        """
        return iter(())
