"""TTN201 removed-import."""

from __future__ import annotations

import ast

from titan_lint.api import history
from titan_lint.api.absence import missing_part
from titan_lint.api.changes import moves
from titan_lint.finding import Obligation, Severity
from titan_lint.fixes import calls, imports
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, Report, Rule
from titan_lint.uses.imports.analysis import Imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api import Surface
    from titan_lint.uses.file import File
    from titan_lint.uses.imports.analysis import Broken, Missing

UNKNOWN = "unknown"
"""In the key of a finding: no torchtitan known here has the name."""


class RemovedImport(Rule):
    """A module or name of torchtitan that the target does not have any more.

    ## What it does
    Holds every import of torchtitan against the target: import statements, dotted uses of imported
    modules, modules that are imported by a literal name, names that `from torchtitan.x import *` does
    not bring any more, and the paths that `mock.patch`, `mocker.patch` and `monkeypatch.setattr`
    replace. What has moved is TTN202; what is left is reported here, with what took its place where
    that is known.

    A name that no torchtitan known here ever had is an info: it may be a fork's. So is one of
    several names that a dynamic import may ask for.

    A module may be there and fail all the same: torchtitan's own code asks another module of it for what
    that does not have, as `torchtitan.experiments.forge` of 0.2.2 does, or `__all__` lists what is not
    there. That is known of the torchtitans that come with titan-lint.

    ## Why is this bad?
    The import raises `ImportError` or `ModuleNotFoundError`, a dotted use, a patch or a star import
    whose list is wrong `AttributeError`, a name of a star import `NameError`.

    ## Fix safety
    An import that nothing uses is removed, which is safe, unless a string, `__all__`, `globals()`,
    `del` or another file of the project may ask for it. `get_train_spec(name).model_args[flavor]`
    becomes `model_registry(flavor).model`, with its import: unsafe, because a config has other
    fields than the old model arguments. Otherwise the rule only explains: there is no other name for
    the same thing.
    """

    sources = (
        Citation(
            "job_config and TrainSpec are removed", "pytorch/torchtitan 9810191bb", "2026-02-23"
        ),
        Citation("llama4 is removed", "pytorch/torchtitan d92336fee", "2026-06-08"),
        Citation("maybe_enable_amp is removed", "pytorch/torchtitan 00b7f5693", "2026-04-09"),
    )
    rests_on = (
        Obligation.STATED,
        Obligation.COMMENTS_STAY,
    )
    bad = (
        Example(
            about="a model that was removed",
            code="""\
from torchtitan.models.llama4 import model_registry

spec = model_registry("17bx16e")
""",
        ),
        Example(
            about="a function that was removed, through its module",
            code="""\
from torchtitan.distributed import utils as dist_utils


def amp(parallel_dims, dtype, device_type):
    return dist_utils.maybe_enable_amp(parallel_dims, dtype, device_type)
""",
        ),
        Example(
            about="nothing uses it",
            code="""\
from torchtitan.config import ActivationCheckpointConfig, CompileConfig

compile_config = CompileConfig(enable=True)
""",
            fixed="""\
from torchtitan.config import CompileConfig

compile_config = CompileConfig(enable=True)
""",
        ),
        Example(
            about="the arguments of a model are the config that its registry makes",
            code="""\
from torchtitan.protocols.train_spec import get_train_spec


def width(flavor):
    return get_train_spec("llama3").model_args[flavor].dim
""",
            fixed="""\
from torchtitan.models.llama3 import model_registry


def width(flavor):
    return model_registry(flavor).model.dim
""",
            safe=False,
        ),
        Example(
            about="a module named by a string",
            code="""\
import importlib

module = importlib.import_module("torchtitan.protocols.train_spec")
spec = module.get_train_spec("llama3")
""",
        ),
        Example(
            about="a name that a star import brought",
            code="""\
from torchtitan.distributed.utils import *


def amp(parallel_dims, dtype, device_type):
    return maybe_enable_amp(parallel_dims, dtype, device_type)
""",
        ),
        Example(
            about="torchtitan's own import fails",
            torchtitan="0.2.2",
            code="""\
from torchtitan.experiments.forge import ForgeEngine
""",
        ),
        Example(
            about="what nothing reads any more",
            code="""\
from torchtitan.distributed import utils as dist_utils


def no_amp(parallel_dims, dtype, device_type):
    raise RuntimeError("this engine has no autocast")


dist_utils.maybe_enable_amp = no_amp
""",
        ),
        Example(
            about="what a test replaces",
            code="""\
from unittest.mock import patch


@patch("torchtitan.distributed.utils.maybe_enable_amp")
def test_forward(amp):
    amp.assert_not_called()
""",
        ),
    )
    good = (
        Example(
            about="still there at its time",
            torchtitan="2026-04-18",
            code="""\
from torchtitan.models.llama4 import model_registry

spec = model_registry("17bx16e")
""",
        ),
        Example(
            about="the old path of Trainer works",
            code="""\
from torchtitan.train import Trainer
""",
        ),
        Example(
            about="code that goes on without a module that fails",
            torchtitan="0.2.2",
            code="""\
try:
    from torchtitan.experiments.forge import ForgeEngine
except ImportError:
    ForgeEngine = None
""",
        ),
        Example(
            about="both versions are supported",
            code="""\
try:
    from torchtitan.protocols.train_spec import get_train_spec
except ImportError:
    get_train_spec = None
""",
        ),
    )

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        told: set[ast.AST] = set()
        for missing in file.once(Imports).missing:
            if missing.home is not None or missing.node in told:
                continue
            together = _together(file, missing)
            told.update(m.node for m in together)
            yield _report(file, missing, together)
        yield from (_broken(file, broken) for broken in file.once(Imports).broken)


def _broken(file: File, broken: Broken) -> Report:
    holder, _, name = broken.lost.rpartition(".")
    if broken.is_listed:
        return Report(
            broken.node,
            f"`from {broken.module} import *` fails at {file.target.label}",
            key=(broken.module, "listed"),
            notes=(f"the module lists `{name}` in `__all__` and does not have it",),
            help="Name what is imported",
        )
    gone = missing_part(file.target.surface, broken.lost)
    what = f"`{name}` from `{holder}`" if gone == broken.lost else f"`{gone}`"
    return Report(
        broken.node,
        f"`{broken.module}` cannot be imported at {file.target.label}",
        key=(broken.module, "broken"),
        notes=(f"torchtitan's own `{broken.by}` imports {what}, which is not there",),
        help="Use a torchtitan where it works, or go on without it where the import fails",
    )


def _together(file: File, missing: Missing) -> list[Missing]:
    """The names of one statement whose module is gone: one finding says it for all."""
    if missing.statement is None or missing.gone == missing.path:
        return [missing]
    return [
        other
        for other in file.once(Imports).by_statement[missing.statement]
        if other.home is None and _change(file, other) is _change(file, missing)
    ]


def _change(file: File, missing: Missing) -> object:
    return moves.explanation(file.target.surface, missing.path)


def _report(file: File, missing: Missing, together: list[Missing]) -> Report:
    surface = file.target.surface
    if missing.is_no_module:
        message = f"`{missing.gone}` is no module at {file.target.label}"
        notes = ("nothing is imported from it",)
        return Report(
            missing.node, message, None, missing.severity, key=(missing.gone,), notes=notes
        )
    if missing.is_unread:
        message, notes = words.missing(file, missing.path)
        return Report(
            missing.node,
            message,
            None,
            missing.severity,
            key=(missing.path, "put"),
            notes=(*notes, words.UNREAD),
        )
    change = moves.explanation(surface, missing.path)
    path = missing.path if len(together) == 1 else _common(missing.path)
    if change is not None and "*" not in path and history.find(surface, path) is None:
        # No torchtitan known here has the name: what is gone is what it is looked for in.
        path = missing.gone
    known = change is not None or history.ever(missing.path, surface.fork)
    rewrite = None
    presence = history.find(surface, missing.path) if "*" not in missing.path else None
    if missing.statement is not None and presence is not None and presence.earlier:
        aliases = [m.alias for m in together if m.alias is not None]
        rewrite = imports.removal(file, missing.statement, aliases)
    if rewrite is None and change is not None and len(together) == 1:
        rewrite = calls.rewrite_import(file, missing, change)
    if not known and _may_be_of_a_fork(file, missing):
        message = f"`{missing.path}` is not in any torchtitan known here"
        notes = ("a fork may have it, or something that is added to torchtitan",)
        key = path, UNKNOWN
        return Report(missing.node, message, None, Severity.INFO, key=key, notes=notes)
    if not known:
        message = f"`{missing.path}` is not in {file.target.label} or any known before it"
        notes = (words.UNKNOWN,)
        holder, _, name = missing.path.rpartition(".")
        advice = words.near(name, getattr(surface.lookup(holder), "members", ()))
        return Report(
            missing.node, message, None, missing.severity, key=(path,), notes=notes, help=advice
        )
    message, notes = words.missing(file, path)
    is_to_come = change is None and presence is not None and not presence.earlier
    return Report(
        missing.node,
        message,
        rewrite,
        missing.severity,
        together[-1].node if len(together) > 1 else None,
        key=(path,),
        notes=notes,
        help=words.LATER if is_to_come else "",
    )


def _may_be_of_a_fork(file: File, missing: Missing) -> bool:
    """Whether something that no torchtitan has may be a module that somebody adds to it.

    A name that a module of the target lacks is no module, and what was in a module that is gone fails
    with it. But packages of models are added to, and whatever is asked of any of several modules.
    """
    if "*" in missing.path:
        return True
    surface = file.target.surface
    holder, _, name = missing.gone.rpartition(".")
    if history.ever(missing.gone, surface.fork):
        return False
    whole = missing.gone == missing.path and not isinstance(missing.statement, ast.Import)
    if not whole:
        return not _is_file(surface, holder)  # The part that is missing is a module.
    return name.islower() and _holds_packages(surface, holder)


def _is_file(surface: Surface, module: str) -> bool:
    """Whether a module is no package, so that nothing can be below it, as far as all versions tell."""
    return (
        module in surface.modules
        and not history.has_below(module, surface.fork)
        and not _holds_packages(surface, module.rpartition(".")[0])
    )


def _holds_packages(surface: Surface, package: str) -> bool:
    """Whether most of what is in a package are packages again, as with models and experiments."""
    depth = package.count(".") + 1
    inside = [module for module in surface.modules if module.startswith(f"{package}.")]
    children = {module for module in inside if module.count(".") == depth}
    packages = {".".join(m.split(".")[: depth + 1]) for m in inside if m.count(".") > depth}
    return 2 * len(packages & children) > len(children)


def _common(path: str) -> str:
    return path.rpartition(".")[0]
