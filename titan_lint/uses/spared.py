"""What of a file the target never runs, since all that import it take another way there.

``if find_spec("torchtitan.config.job_config"): from .old import make`` and ``else: from .new import make``: where
torchtitan has no ``job_config``, nothing in ``old`` runs. Of ``try: from .old import make`` and
``except ImportError: from .new import make`` what ``old`` asks for in vain ends its import, as it is meant to.
"""

from __future__ import annotations

import ast

from titan_lint.uses.chosen import falls_back, meant, parts
from titan_lint.uses.conditions.failures import IMPORTING
from titan_lint.uses.conditions.truth import Truth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.code.program import Program
    from titan_lint.uses.conditions.failures import Failure
    from titan_lint.uses.file import File

    Reachable = Callable[[File, ast.AST], bool]

_DEEP = 3
"""Through how many files it is followed who imports one."""


class Spared:
    """What of a file is never run.

    Args:
        file: The file.
        reachable: Tells whether the target gets to a place of a file.
    """

    def __init__(self, file: File, reachable: Reachable) -> None:
        self._file = file
        self._reachable = reachable
        path = file.source.path
        self._is_passed, self._is_chosen = False, False
        if file.options.readers is not None and not _is_script(file.program):
            self._is_passed, self._is_chosen = self._ways(path, (path,))

    def holds(self, node: ast.AST, failures: tuple[Failure, ...]) -> bool:
        """Whether the target does not get to a place of the file, or may fail there.

        Args:
            node: What stands there.
            failures: What it raises.
        """
        if self._is_passed or not self._is_chosen:
            return self._is_passed
        program, body = self._file.program, self._file.tree.body
        is_late = program.function(node) is not None
        failing = self._file.once(Truth).running.first_failing(body)
        if failing < len(body):
            top = program.statement(node)
            while (
                isinstance(above := program.parents.get(top), ast.AST)
                and above is not self._file.tree
            ):
                top = program.statement(above)
            if is_late or body.index(top) > failing:
                return True
        return not is_late and any(one in IMPORTING for one in failures)

    def _ways(self, path: str, seen: tuple[str, ...]) -> tuple[bool, bool]:
        """Whether the target gets to no import of a file, and whether all that it gets to have something else."""
        readers = self._file.options.readers
        is_passed, is_imported = True, False
        for found in () if readers is None else readers.bring_in(path):
            if found is None:
                return False, False
            is_imported = True
            program, site = found
            home = self._home(program)
            named = meant(site, parts(path))
            if not any(self._reachable(home, one) for one in named):
                continue
            if falls_back(program, site):
                is_passed = False
                continue
            other = program.source.path
            if other in seen or len(seen) > _DEEP or _is_script(program):
                return False, False
            passed, chosen = self._ways(other, (*seen, other))
            if passed:
                continue
            if not chosen or program.function(site) is not None:
                return False, False
            is_passed = False
        return is_passed and is_imported, is_imported

    def _home(self, program: Program) -> File:
        """A file that imports this one, with what it has from others where that is known."""
        whole = parts(program.source.path)
        for count in range(1, len(whole) + 1):
            other = self._file.imported(".".join(whole[-count:]), bare=True)
            if other is not None and other.source.path == program.source.path:
                return other
        return self._file.apart(program)


def _is_script(program: Program) -> bool:
    """Whether a file may be run by itself."""
    return any(
        isinstance(node, ast.If)
        and any(
            isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)
        )
        for node in program.tree.body
    )
