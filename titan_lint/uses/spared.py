"""What of a file the target never runs, since all that import it take another way there.

``if find_spec("torchtitan.config.job_config"): from .old import make`` and ``else: from .new import make``: where
torchtitan has no ``job_config``, nothing in ``old`` runs. Of ``try: from .old import make`` and
``except ImportError: from .new import make`` what ``old`` asks for in vain ends its import, as it is meant to.
"""

from __future__ import annotations

import ast
import posixpath

from titan_lint.code.forms import is_torchtitans
from titan_lint.code.leaving import may_be_left
from titan_lint.structs import Struct
from titan_lint.uses.alternatives import ends, instead, meant, parts
from titan_lint.uses.conditions.chosen import Table, is_never_taken
from titan_lint.uses.conditions.frame import OUTSIDE
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.guards import reachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File

_DEEP = 2
"""Through how many files it is followed who imports one."""


class _Ways(Struct):
    """How other files import one at the target.

    Attributes:
        is_passed: Whether the target gets to no import of it.
        is_chosen: Whether all that it gets to take another module where that import fails.
    """

    is_passed: bool = False
    is_chosen: bool = False


class Spared:
    """What of a file is never run.

    Args:
        file: The file.
    """

    def __init__(self, file: File) -> None:
        self._file = file
        path = file.source.path
        is_run = _is_test(path) or _is_script(file.program)
        self._ways = _Ways() if is_run else self._of(path)

    def holds(self, node: ast.AST) -> bool:
        """Whether the target does not get to a place of the file, or may fail there."""
        if self._ways.is_passed or not self._ways.is_chosen:
            return self._ways.is_passed
        program, body = self._file.program, self._file.tree.body
        failing = self._file.once(Truth).running.first_failing(body)
        if failing == len(body):
            return False
        around = [node, *program.ancestors(node)]
        return program.function(node) is not None or any(one in around for one in body[failing:])

    def _of(self, path: str) -> _Ways:
        """How a file is imported, or the package that it is in, without which it is not."""
        found = self._imported(path, (path,))
        if found.is_passed or found.is_chosen or path.endswith("__init__.py"):
            return found
        folder = posixpath.dirname(path.replace("\\", "/"))
        if not folder:
            return found
        package = f"{folder}/__init__.py"
        return _Ways(self._imported(package, (path, package)).is_passed)

    def _imported(self, path: str, seen: tuple[str, ...]) -> _Ways:
        """How a file is imported."""
        readers = self._file.options.readers
        if readers is None:
            return _Ways()
        is_passed, is_imported = True, False
        for found in readers.bring_in(path):
            if found is None:
                return _Ways()
            is_imported = True
            program, site = found
            if not _is_plain(program, site) and self._never_imports(program, site, path):
                continue
            if self._takes_another(program, site, path):
                is_passed = False
                continue
            other = program.source.path
            if other in seen or len(seen) >= _DEEP or _is_script(program):
                return _Ways()
            ways = self._imported(other, (*seen, other))
            if ways.is_passed:
                continue
            if not ways.is_chosen or program.function(site) is not None:
                return _Ways()
            is_passed = False
        return _Ways(is_passed and is_imported, is_imported)

    def _never_imports(self, program: Program, site: ast.AST, path: str) -> bool:
        """Whether a guard keeps the target away from where another file imports a module."""
        home = self._home(program)
        truth = home.once(Truth)
        here = _in(home.program, site)
        if isinstance(here, ast.Call):
            text = truth.text(here.args[0], OUTSIDE)
            if text is not None and not ends(parts(path), text):
                return True
        # Once an import that fails is mended, what did not run for it does.
        is_got_to = reachable(home, here) and any(
            _may_be_meant(home, one) for one in meant(home.program, here, parts(path))
        )
        return not is_got_to and not any(
            reachable(home, one) for one in truth.running.failing_imports()
        )

    def _takes_another(self, program: Program, site: ast.AST, path: str) -> bool:
        """Whether a file that cannot import a module takes torchtitan, or a module that has to do with it, in its place."""
        named = list(instead(program, site, parts(path)))
        if any(map(is_torchtitans, named)):
            return True
        home = self._home(program) if named else self._file
        others = (home.imported(name, bare=True) for name in named)
        return any(other is not None and other.program.mentions_torchtitan for other in others)

    def _home(self, program: Program) -> File:
        """A file that imports this one, with what it has from others where that is known."""
        whole = parts(program.source.path)
        for count in range(1, len(whole) + 1):
            other = self._file.imported(".".join(whole[-count:]), bare=True)
            if other is not None and other.source.path == program.source.path:
                return other
        return self._file.apart(program)


def _in(program: Program, site: ast.AST) -> ast.AST:
    """A part of a file as a program has it: a file may have been parsed more than once."""
    if site in program.parents:
        return site
    return next(one for one in program.of(type(site)) if _place(one) == _place(site))


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _may_be_meant(file: File, named: ast.AST) -> bool:
    """Whether the target gets to where a module is named, and takes it from the table that it stands in."""
    table = file.program.parents[named]
    if isinstance(table, Table) and is_never_taken(file, table, named):
        return False
    return reachable(file, named)


def _is_test(path: str) -> bool:
    """Whether pytest runs a file, whoever imports it."""
    name = posixpath.basename(path.replace("\\", "/"))
    return name.startswith(("test_", "conftest.")) or name.endswith("_test.py")


def _is_plain(program: Program, site: ast.AST) -> bool:
    """Whether an import stands where nothing keeps the target away from it, by the look of what stands before it."""
    body = program.tree.body
    if site not in body:
        return False
    return not any(
        may_be_left(one) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call))
        for one in body[: body.index(site)]  # type: ignore[arg-type]
    )


def _is_script(program: Program) -> bool:
    """Whether a file may be run by itself."""
    return any(
        isinstance(node, ast.If)
        and any(
            isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
        )
        for node in program.tree.body
    )
