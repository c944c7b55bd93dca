"""TTN404 untrusted-version-compare."""

from __future__ import annotations

from titan_lint.api import history
from titan_lint.finding import Severity
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses import versions
from titan_lint.uses.guards import reachable
from titan_lint.uses.version_uses import decides_api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.uses.file import File
    from titan_lint.uses.versions import VersionTest


class UntrustedVersionCompare(Rule):
    """torchtitan's version is compared with a release, to tell what its API is like.

    ## What it does
    Finds comparisons of `importlib.metadata.version("torchtitan")` or `torchtitan.__version__`,
    parsed, split or as they are, with a version that is written out, where code that uses torchtitan
    goes by the answer. What is only shown or logged is left alone.

    ## Why is this bad?
    The version does not tell the API. main called itself 0.2.2 from 2026-02-20 to 2026-08-21 and
    broke its callers dozens of times in between. Nightly builds are called `0.1.0.devYYYYMMDD`,
    which sorts below every release. So such a test may take the wrong branch for those who do not
    install a release. One that is answered there as it should be, such as `< Version("0.4")`, is left alone.

    ## Fix safety
    The rule only explains. Ask for what is needed instead:
    `"attn_backend" in inspect.signature(model_registry).parameters`, `hasattr`, or `try` and
    `except ImportError`.
    """

    severity = Severity.WARNING
    sources = (
        Citation("assets/version.txt is 0.2.2", "pytorch/torchtitan 73a0e6979", "2026-02-20"),
        Citation("and still is", "pytorch/torchtitan b5bcd76c6", "2026-08-21"),
    )
    bad = (
        Example(
            code="""\
from importlib.metadata import version

from packaging.version import Version
from torchtitan.models.llama3 import model_registry

if Version(version("torchtitan")) >= Version("0.3.0"):
    spec = model_registry("8B", attn_backend="flex")
else:
    spec = model_registry("8B_flex")
""",
        ),
        Example(
            about="taken apart",
            code="""\
import torchtitan

NEW = tuple(int(part) for part in torchtitan.__version__.split(".")[:2]) >= (0, 3)
""",
        ),
    )
    good = (
        Example(
            about="the API itself is asked",
            code="""\
import inspect

from torchtitan.models.llama3 import model_registry

HAS_BACKEND = "attn_backend" in inspect.signature(model_registry).parameters
""",
        ),
        Example(
            about="nothing depends on it",
            code="""\
import logging

import torchtitan
from packaging.version import Version

if Version(torchtitan.__version__) != Version("0.3.0"):
    logging.warning("tested with torchtitan 0.3.0 only")
""",
        ),
        Example(
            about="another package's version",
            code="""\
from importlib.metadata import version

import torchtitan
from packaging.version import Version

NEW = Version(version("torch")) >= Version("2.13")
print(torchtitan.__version__)
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        for test in versions.find(file):
            if not decides_api(file, test.node) or not reachable(file, test.node):
                continue
            wrong = _wrong(file, test)
            if not wrong:
                continue
            yield Report(
                test.node,
                f"torchtitan's version says nothing of its API: {wrong} branch",
                key=(test.text,),
                notes=(
                    "main called itself 0.2.2 for half a year, and nightly builds sort below every "
                    f"release; neither tells more by a comparison with {test.text}",
                ),
                help="Ask for the parameter, name or module that is needed",
            )


_NIGHTLY = "0.1.0.dev20260821"


def _wrong(file: File, test: VersionTest) -> str:
    """Where a test is not answered as it should be, in words; nothing where it is everywhere."""
    surface = file.target.surface
    main = surface.provenance if surface.provenance.kind == "main" else history.newest_of_main()
    said = versions.answer(test, main.version)
    right = {versions.answer(test, version) for version in history.like(main)}
    if said is None or None in right:
        return "on main this comparison may take the wrong"
    if said not in right:
        return "on main this comparison takes the wrong"
    if len(right) > 1:
        return "on main this comparison may take the wrong"
    if versions.answer(test, _NIGHTLY) is not said:
        return "on nightly builds this comparison takes the wrong"
    return ""
