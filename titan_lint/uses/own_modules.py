"""What names of the project's own modules stand for, where that is something of torchtitan's.

``from .compat import model_registry`` is torchtitan's function if ``compat.py`` does nothing to that name
but import it. A module is read only if a file that is checked asks for a name in it, and parsed only if its
text leads on to torchtitan. Wherever a name may be something else, nothing is said of it.
"""

from __future__ import annotations

import ast
import re

from titan_lint.code.forms import is_torchtitans
from titan_lint.code.names import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from titan_lint.code.program import Program

_STARTS = (b"\nfrom ", b"\nimport ")
_IMPORT = re.compile(
    rb"\n(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(?:\(([^)]*)\)|([^\n;(]*))|import[ \t]+([^\n;]*))"
)
_PART = re.compile(rb"\s*([\w.]+)(?:\s+as\s+(\w+))?\s*")
_COMMENT = re.compile(rb"#[^\n]*")
_FROM = re.compile(rb"\bfrom[ \t]+[.\w]+[ \t]+import\b")
_UNSEEN = re.compile(
    rb"\b(?:globals|vars|locals|exec|eval|setattr|delattr|__dict__)\b|\bmodules\s*\["
)
"""With which a module may bind its names out of sight."""

_Imported = tuple[str, str]


class Modules:
    """The modules of projects, and what their names stand for, found once for all files that ask.

    Args:
        find: Gives the file of the module that an import in a file means, as it is written there; ``None``
            where that is no module of the file's project, or may be one of several.
        read: Gives what a file holds; nothing where it cannot be read.
        parse: Gives a file parsed; ``None`` for one that is no Python.
        is_replaced: Whether a file of the project may put something in the place of a file's name.
        dotted: Gives a file's path from the project's folder on, as a dotted name.
    """

    def __init__(
        self,
        find: Callable[[str, str], str | None],
        read: Callable[[str], bytes],
        parse: Callable[[str], Program | None],
        is_replaced: Callable[[str, str], bool],
        dotted: Callable[[str], str],
    ) -> None:
        self.find = find
        self.dotted = dotted
        self._read = read
        self._parse = parse
        self._is_replaced = is_replaced
        self._imports: dict[str, dict[str, _Imported | None]] = {}
        self._certain: dict[tuple[str, str, _Imported], bool] = {}

    def origin(
        self, path: str, module: str, name: str, through: tuple[tuple[str, str], ...] = ()
    ) -> str | None:
        """The path in torchtitan at which that is what a file imports from a module under a name.

        Args:
            path: The file.
            module: The module as the file's import names it.
            name: The name.
            through: The files and names that led here.
        """
        found = self.find(path, module)
        if found is None or found == path or (found, name) in through:
            return None
        imported = self._imported(found, name)
        if imported is None:
            return None
        source, member = imported
        if is_torchtitans(source):
            origin = f"{source}.{member}" if member else source
        elif member:
            origin = self.origin(found, source, member, (*through, (found, name)))
        else:
            return None
        # Most names lead elsewhere: those need no parsing.
        if origin is None or not self._is_certain(found, name, imported):
            return None
        last = module.rpartition(".")[2]
        package = module.removesuffix(last)
        if last and package and self.is_bound(path, package.rstrip(".") or package, last):
            return None
        return origin

    def definition(
        self, path: str, module: str, name: str, through: tuple[tuple[str, str], ...] = ()
    ) -> str | None:
        """The import path at which that is defined, as far as is certain, what a file imports from a module.

        Args:
            path: The file.
            module: The module as the file's import names it.
            name: The name.
            through: The files and names that led here.

        Returns:
            ``None`` where the module is none of the file's project.
        """
        found = self.find(path, module)
        if found is None or (found, name) in through:
            return None
        here = f"{self.dotted(found).removeprefix('src.')}.{name}"
        imported = self._imported(found, name)
        if imported is None or not self._is_certain(found, name, imported):
            return here
        source, member = imported
        if not member:
            return source
        further = self.definition(found, source, member, (*through, (found, name)))
        return further or (here if source.startswith(".") else f"{source}.{member}")

    def is_bound(self, path: str, package: str, name: str) -> bool:
        """Whether a package that a file imports from may itself bind the name of one of its modules."""
        holder = self.find(path, package)
        if holder is None:
            return False
        words = re.findall(rb"(?<![.\w])%s\b" % name.encode(), _FROM.sub(b"", self._read(holder)))
        return len(words) > (self._imports_of(holder).get(name) == (".", name))

    def parsed(self, path: str) -> Program | None:
        """A file parsed; ``None`` for one that imports nothing, or is no Python."""
        return self._parse(path) if self._imports_of(path) else None

    def has_some(self, path: str) -> bool:
        """Whether a module imports anything from torchtitan."""
        return b"torchtitan" in self._read(path) and any(
            imported is not None and is_torchtitans(imported[0])
            for imported in self._imports_of(path).values()
        )

    def _imported(self, path: str, name: str) -> _Imported | None:
        """The module and the member that a file imports under a name; ``None`` where it does something else too."""
        if path not in self._imports:
            # Most names are defined where they are imported from.
            data, word = self._read(path), name.encode()
            if b"def " + word in data or b"class " + word in data:
                return None
        return self._imports_of(path).get(name)

    def _imports_of(self, path: str) -> dict[str, _Imported | None]:
        """What the import statements of a file bind, as far as its text tells, those in no block alone."""
        if path not in self._imports:
            found: dict[str, _Imported | None] = {}
            for name, imported in _imports(self._read(path)):
                found[name] = imported if name not in found else None
            self._imports[path] = found
        return self._imports[path]

    def _is_certain(self, path: str, name: str, imported: _Imported) -> bool:
        """Whether a module's name is what one import binds, whatever happens."""
        key = path, name, imported
        if key not in self._certain:
            self._certain[key] = self._binds_once(path, name, imported)
        return self._certain[key]

    def _binds_once(self, path: str, name: str, imported: _Imported) -> bool:
        if _UNSEEN.search(self._read(path)):
            return False
        # A package's name is that of its submodule once anybody imports that one.
        if path.endswith("__init__.py") and self.find(path, f".{name}") is not None:
            return False
        program = self._parse(path)
        if program is None:
            return False
        scope = program.bindings.module
        bindings = scope.bindings.get(name, [])
        if len(bindings) != 1 or name in scope.shared:
            return False
        (binding,) = bindings
        return (
            binding.kind in (Kind.FROM, Kind.IMPORT)
            and (binding.path, binding.member) == imported
            and program.statement(binding.node) in program.tree.body
            and not any(
                isinstance(part, ast.Name) and part.id == name
                for statement in program.of(ast.Delete)
                for part in ast.walk(statement)
            )
            and not self._is_replaced(path, name)
        )


class OwnModules:
    """The modules of a project as one file of it sees them.

    Args:
        path: The file.
        modules: Those that it may import, among others.

    Attributes:
        path: The file.
        is_consulted: Whether an answer rests on what they say.
        brings: Whether the file has anything of torchtitan's from them.
    """

    def __init__(self, path: str, modules: Modules) -> None:
        self.is_consulted = False
        self.brings = False
        self.path = path
        self._modules = modules
        self._origins: dict[tuple[str, str], str | None] = {}

    def origin(self, module: str, name: str) -> str | None:
        """See :class:`~titan_lint.code.library.Modules`."""
        key = module, name
        if key not in self._origins:
            found = None
            if self._find(module) is not None:
                found = self._modules.origin(self.path, module, name)
            self._origins[key] = found
            self.brings = self.brings or found is not None
        return self._origins[key]

    def module(self, package: str, name: str) -> str | None:
        """See :class:`~titan_lint.code.library.Modules`."""
        found = self._find(_joined(package, name))
        if found is None or self._modules.is_bound(self.path, package, name):
            return None
        return self._modules.dotted(found)

    def imported(self, module: str) -> tuple[Program, OwnModules] | None:
        """A module of the project that the file imports, and the modules as that one sees them."""
        found = self._find(module)
        program = self._modules.parsed(found) if found is not None else None
        if found is None or program is None:
            return None
        return program, OwnModules(found, self._modules)

    def definition(self, module: str, name: str) -> str | None:
        """See :meth:`Modules.definition`."""
        if self._find(module) is None:
            return None
        return self._modules.definition(self.path, module, name)

    def lead(self, program: Program) -> bool:
        """Whether the file imports something of torchtitan's, or a module that does, from its project."""
        return any(self._leads(module, name) for module, name in _asked(program))

    def _leads(self, module: str, name: str) -> bool:
        if name and self.origin(module, name) is not None:
            return True
        found = self._find(_joined(module, name) if name else module)
        return found is not None and self._modules.has_some(found)

    def _find(self, module: str) -> str | None:
        found = self._modules.find(self.path, module)
        if found is not None:
            self.is_consulted = True
        return found


def _joined(package: str, name: str) -> str:
    return f"{package}{name}" if package.endswith(".") else f"{package}.{name}"


def _asked(program: Program) -> Iterator[_Imported]:
    """The modules that a file imports, each with what it imports from it, or with nothing."""
    for statement in program.bindings.imports:
        for alias in statement.names:
            if isinstance(statement, ast.Import):
                yield alias.name, ""
            else:
                yield "." * statement.level + (statement.module or ""), alias.name


def _imports(data: bytes) -> Iterator[tuple[str, _Imported]]:
    """The names that import statements in no block bind, each with the module and the member."""
    data = b"\n" + data
    for statement in filter(None, (_IMPORT.match(data, at) for at in _starts(data))):
        source, block, line, modules = statement.groups()
        for part in _COMMENT.sub(b"", block or line or modules or b"").split(b","):
            match = _PART.fullmatch(part)
            if match is None:
                continue
            name, asname = match[1].decode(), (match[2] or b"").decode()
            if source:
                yield asname or name, (source.decode(), name)
            else:
                top = name.partition(".")[0]
                yield asname or top, (name if asname else top, "")


def _starts(data: bytes) -> Iterator[int]:
    for start in _STARTS:
        at = data.find(start)
        while at >= 0:
            yield at
            at = data.find(start, at + 1)
