"""What names of the project's own modules stand for, where torchtitan is in it.

``from .compat import model_registry`` is torchtitan's function if ``compat.py`` imports it from there, and
``from .trainer import MyTrainer`` a class built on torchtitan's. A module is read only if a file that is checked
asks for a name in it, and parsed only if its text leads on to torchtitan. Wherever a name may be something
else, nothing is said of it.

Whether any file of the project may put something in a thing's place takes a look at all of them. Such doubts are
taken to be void at first, and looked into for the files alone of which something is said then.
"""

from __future__ import annotations

import ast
import re

from titan_lint.code.forms import NAMING, given_by_name
from titan_lint.code.names import Binding, Kind, qualified
from titan_lint.code.resolver import Resolver
from titan_lint.code.rounds import Leans
from titan_lint.code.values import (
    ANYTHING,
    UNKNOWN,
    Const,
    LocalClass,
    LocalFunction,
    OwnClass,
    Ref,
    union,
)
from titan_lint.uses.brought import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.code.import_graph import ImportGraph
    from titan_lint.code.library import Home, Types
    from titan_lint.code.names import ClassInfo, FunctionNode
    from titan_lint.code.program import Program
    from titan_lint.code.values import Value, Values, Written
    from titan_lint.uses.own_classes import OwnClasses

    # What tells whether something in the project's other files is in the way, and what it is asked about.
    Doubt = tuple[Callable[..., bool], tuple[str, ...]]

_FROM = re.compile(rb"\bfrom[ \t]+[.\w]+[ \t]+import\b")
_UNSEEN = re.compile(rb"\b(?:globals|locals|exec)\s*\(|\bvars\(\s*\)|\bmodules\s*\[")
"""With which a module may bind its names out of sight."""

_ABOVE = 9
"""How many folders up a ``conftest.py`` is looked for."""

_FOLLOWED = frozenset({Kind.FROM, Kind.IMPORT, Kind.CLASS, Kind.FUNCTION, Kind.VALUE})


class Modules:
    """The modules of projects, and what their names stand for, found once for all files that ask.

    Args:
        find: Gives the file of the module that an import in a file means, as it is written there; ``None``
            where that is no module of the file's project, or may be one of several.
        read: Gives what a file holds; nothing where it cannot be read.
        parse: Gives a file parsed; ``None`` for one that is no Python.
        is_replaced: Whether a file of the project may put something in the place of a file's name.
        classes: Tells which classes other files change, and which they derive others from.
        dotted: Gives a file's path from the project's folder on, as a dotted name.
        graph: Tells which names may lead to torchtitan.
        filling: Gives the files that run together with one, and may put something into a field of a name.
        room: Characters of source from which on the modules that were asked are let go, once a file is through.
    """

    def __init__(
        self,
        find: Callable[[str, str], str | None],
        read: Callable[[str], bytes],
        parse: Callable[[str], Program | None],
        is_replaced: Callable[[str, str], bool],
        classes: OwnClasses,
        dotted: Callable[[str], str],
        graph: ImportGraph,
        filling: Callable[[str, str, str], list[str]],
        room: int,
    ) -> None:
        self.filling = filling
        self.leans = Leans()
        self._answers: dict[Doubt, bool] = {}
        self.find = find
        self.read = read
        self.is_replaced = is_replaced
        self.classes = classes
        self.dotted = dotted
        self.graph = graph
        self._parse = parse
        self._root = ""
        self._programs: dict[str, Program | None] = {}
        self._kept = 0
        self._room = room
        self._homes: dict[tuple[str, str, bool], _Home] = {}

    def home(self, path: str, types: Types, *, is_sure: bool) -> _Home | None:
        """A module that may be asked what it defines; ``None`` for what is no Python.

        Args:
            path: The module's file.
            types: The library's API.
            is_sure: Whether doubts are looked into at once.
        """
        key = path, types.key, is_sure
        if key not in self._homes:
            program = self._program(path)
            if program is None:
                return None
            self._homes[key] = _Home(program, types, self, OwnModules(path, self, is_sure=is_sure))
        return self._homes[key]

    def parsed(self, path: str, *, bare: bool = False) -> Program | None:
        """A file parsed; ``None`` for one that is no Python, or that imports nothing and is not wanted then: ``bare``."""
        return self._program(path) if bare or self.graph.imports_any(path) else None

    def _program(self, path: str) -> Program | None:
        if path not in self._programs:
            program = self._programs[path] = self._parse(path)
            self._kept += 0 if program is None else len(program.source.text)
        return self._programs[path]

    def make_room(self, root: str) -> None:
        """Let go of the modules that were asked, where these are many, or of another project.

        Args:
            root: The folder of the project that is asked next.
        """
        if root != self._root:
            self.classes.forget()
            self._answers.clear()
        if root != self._root or self._kept > self._room:
            for home in self._homes.values():
                home.forget()
            self._homes.clear()
            self._programs.clear()
            self._kept = 0
        self._root = root

    def holds(self, doubt: Doubt) -> bool:
        """Whether something in the project's files is in the way."""
        if doubt not in self._answers:
            ask, about = doubt
            self._answers[doubt] = ask(*about)
        return self._answers[doubt]

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
        # Most names are defined where they are imported from: those need no parsing.
        imported = self.graph.imported(found, name)
        if imported is None or not self._is_certain(found, name):
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
        words = re.findall(rb"(?<![.\w])%s\b" % name.encode(), _FROM.sub(b"", self.read(holder)))
        own = int(self.graph.imported(holder, name) == (".", name))
        if len(words) <= own:
            return False
        program = self._program(holder)
        return program is None or _may_bind(program, name, besides=own)

    def _is_certain(self, path: str, name: str) -> bool:
        """Whether one statement binds a module's name, whatever happens."""
        program = self._program(path)
        return (
            program is not None
            and _sole_binding(program, name) is not None
            and not self.is_rebound(path, program, name)
            and not self.is_replaced(path, name)
        )

    def is_rebound(self, path: str, program: Program, name: str) -> bool:
        """Whether something in a module beside the statements that bind its name may bind it."""
        if program.once(_binds_unseen):
            return True
        # A package's name is that of its submodule once anybody imports that one.
        if path.endswith("__init__.py") and self.find(path, f".{name}") is not None:
            return True
        return any(
            isinstance(part, ast.Name) and part.id == name
            for statement in program.of(ast.Delete)
            for part in ast.walk(statement)
        )


def _binds_unseen(program: Program) -> bool:
    """Whether a module may bind any of its names out of sight."""
    text = program.source.text.encode("utf-8", "surrogatepass")
    return _UNSEEN.search(text) is not None


class _Home:
    """A module of a project, as others ask what it defines. See :class:`~titan_lint.code.library.Home`."""

    def __init__(self, program: Program, types: Types, modules: Modules, own: OwnModules) -> None:
        self.path = own.path
        self.program = program
        self._modules = modules
        self.own = own
        self._resolver = Resolver(program, types, modules=self.own)
        self._known: dict[str, Values] = {}
        self._given: dict[ClassInfo, frozenset[str]] = {}
        self._open: set[str] = set()
        self._classes: dict[ClassInfo, frozenset[str] | None] = {}
        self._attributes: dict[tuple[ClassInfo, str, bool], Values] = {}

    @property
    def dotted(self) -> str:
        return self._modules.dotted(self.path)

    def name(self, name: str) -> Values:
        """What the module binds to a name, if that is certain."""
        if name in self._open:
            self._modules.leans.count += 1
            return ANYTHING
        if name not in self._known:
            self._open.add(name)
            try:
                self._known[name] = self._name(name)
            finally:
                self._open.discard(name)
        return self._known[name]

    def exports(self, name: str) -> bool:
        """Whether a star import certainly brings a name."""
        bound = self.program.bindings.module.bindings.get("__all__", ())
        if not bound:
            return not name.startswith("_")
        match bound:
            case [_] if isinstance(value := bound[0].value, ast.List | ast.Tuple):
                return any(isinstance(e, ast.Constant) and e.value == name for e in value.elts)
            case _:
                return False

    def _name(self, name: str) -> Values:
        found = self._bound(name)
        # Most names are nothing that is known; to ask the other files for them costs the most.
        is_told = UNKNOWN not in found and not any(map(self._says_nothing, found))
        if not is_told or self._modules.is_rebound(self.path, self.program, name):
            return ANYTHING
        return ANYTHING if self.own.may_be(self._modules.is_replaced, name) else found

    def _says_nothing(self, value: Value) -> bool:
        """Whether a value is a function of which is not known what it returns."""
        return isinstance(value, LocalFunction) and UNKNOWN in self._resolver.returned(value.node)

    def _bound(self, name: str) -> Values:
        """What the statements of the module bind to a name, if that is certain."""
        scope = self.program.bindings.module
        if name not in scope.bindings:
            imports = self._resolver.imports
            starred = union(imports.starred(s.path, name, s.node) for s in scope.stars)
            return starred or self._lazily(name)
        binding = _sole_binding(self.program, name)
        return ANYTHING if binding is None else self._resolver.bound(binding)

    def _lazily(self, name: str) -> Values:
        """What the module's own ``__getattr__`` gives for a name that it lacks, if it tells names apart plainly."""
        match _sole_binding(self.program, "__getattr__"):
            case Binding(
                node=ast.FunctionDef(
                    args=ast.arguments(args=[ast.arg(arg=asked)]), decorator_list=[], body=body
                ) as function
            ):
                pass
            case _:
                return ANYTHING
        if len(self.program.bindings.scopes[function].bindings[asked]) != 1:
            return ANYTHING
        for statement in body:
            match statement:
                case ast.If(test=test, body=[*_, ast.Return(value=ast.expr() as value)], orelse=[]):
                    is_it = _is_asked(test, asked, name)
                    if is_it is None:
                        return ANYTHING
                    if is_it:
                        return self._resolver.values(value)
                case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                    pass
                case _:
                    return ANYTHING
        return ANYTHING

    def names(self, info: ClassInfo) -> frozenset[str] | None:
        if info not in self._classes:
            self._classes[info] = self._names(info)
        return self._classes[info]

    def _names(self, info: ClassInfo) -> frozenset[str] | None:
        classes = self._resolver.local_mro(info)
        found: set[str] = set()
        for cls in classes:
            found.update(cls.scope.bindings, cls.attributes)
            if isinstance(cls, OwnClass):
                continue
            put = self._put(cls)
            if (
                cls.node.keywords
                or not all(map(self._adds_nothing, cls.node.decorator_list))
                # What Python itself asks for may change all that the class does.
                or any(name == ANY or name.startswith("__") for name in put)
            ):
                return None
            found |= put
        for patch in self._resolver.patches.all:
            if patch.owner in classes:
                if patch.name is None:
                    return None
                found.add(patch.name)
        for call in self.program.called(*NAMING):
            match given_by_name(call):
                case (_, ast.Constant(value=str() as name)):
                    found.add(name)
                case (owner, name) if self._may_be(owner, classes):
                    named = () if name is None else self._resolver.values(name)
                    known = [one.value for one in named if isinstance(one, Const)]
                    if not known or len(known) < len(named):
                        return None
                    found.update(map(str, known))
                case _:
                    pass
        if any(
            self._may_be(owner, classes)
            for owner in (
                *(
                    node.value
                    for node in self.program.bindings.attributes
                    if node.attr == "__dict__"
                ),
                *(arg for call in self.program.called("vars") for arg in call.args),
            )
        ):
            return None
        return frozenset(found)

    def _own(self, info: ClassInfo) -> list[ClassInfo]:
        """The classes of the module that a class has its attributes from, itself the first."""
        return [cls for cls in self._resolver.local_mro(info) if not isinstance(cls, OwnClass)]

    def _put(self, cls: ClassInfo) -> frozenset[str]:
        """The attributes that other files give a class of the module."""
        if cls not in self._given:
            classes, name = self._modules.classes, qualified(cls)
            is_changed = self.own.may_be(classes.is_changed, name)
            self._given[cls] = classes.put(self.path, name) if is_changed else frozenset()
        return self._given[cls]

    def _may_be(self, owner: ast.expr, classes: tuple[ClassInfo, ...]) -> bool:
        """Whether an expression may be one of some classes or an instance of one."""
        return any(
            getattr(value, "info", None) in classes or value is UNKNOWN
            for value in self._resolver.values(owner)
        )

    def _adds_nothing(self, decorator: ast.expr) -> bool:
        """Whether a class's decorator is none of the project's own, which may add anything."""
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        return all(type(value) is Ref for value in self._resolver.values(called))

    def written(self, info: ClassInfo) -> list[Written]:
        return self._resolver.written(info)

    def bases(self, info: ClassInfo) -> list[str | None]:
        return self._resolver.foreign_bases(info)

    def attribute(self, info: ClassInfo, name: str, *, instance: bool) -> Values:
        key = info, name, instance
        if key in self._attributes:
            return self._attributes[key]
        if any(name in self._put(cls) for cls in self._own(info)):
            return ANYTHING
        leans = self._modules.leans
        before = leans.count
        found = self._resolver.attribute_of(info, name, instance=instance, exact=True)
        # Each class of a chain asks the next: all of them answer once.
        if leans.count == before:
            self._attributes[key] = found
        return found

    def mro(self, info: ClassInfo) -> Sequence[ClassInfo]:
        """The classes of the project that one of the module has its attributes from, itself the first."""
        return self._resolver.local_mro(info)

    def below(self, info: ClassInfo) -> list[OwnClass]:
        return [cls for cls in self._resolver.local_mro(info) if isinstance(cls, OwnClass)]

    def is_known(self, info: ClassInfo, name: str, instance: bool) -> bool:
        return (info, name, instance) in self._attributes

    def is_told(self, name: str) -> bool:
        """Whether it has been told already what the module binds to a name, and what a class of it derives from."""
        known = self._known.get(name)
        if known is None:
            return name in self._open
        return all(not isinstance(v, LocalClass) or v.info in self._classes for v in known)

    def rests_on(self, name: str) -> list[tuple[str, str]]:
        """The modules, as imports name them, and names in them that a class or an import of the module leads to."""
        binding = _sole_binding(self.program, name)
        if binding is not None and isinstance(binding.node, ast.ClassDef):
            return [led for base in binding.node.bases for led in self._led_to(base)]
        if binding is not None and binding.kind is Kind.FROM:
            return [(binding.path, binding.member)]
        return []

    def _led_to(self, node: ast.expr) -> list[tuple[str, str]]:
        """The modules and names in them that a base of a class comes from."""
        of = self.program.bindings.of
        match node:
            case ast.Name():
                return [(b.path, b.member) for b in of(node) if b.kind is Kind.FROM]
            case ast.Attribute(value=ast.Name() as owner, attr=name):
                modules = [one.path for one in of(owner) if one.kind is Kind.IMPORT]
                for one in of(owner):
                    if one.kind is Kind.FROM:
                        dot = "" if one.path.endswith(".") else "."
                        modules.append(f"{one.path}{dot}{one.member}")
                return [(module, name) for module in modules]
            case _:
                return []

    def values(self, node: ast.expr) -> Values:
        return self._resolver.values(node)

    def gives_stand_in(self, fixture: str) -> bool | None:
        """Whether what the module gives tests as a fixture may be of none of the library's classes."""
        key = f"{fixture}()"
        if key in self._open:
            return None
        self._open.add(key)
        try:
            return self._resolver.gives_stand_in(fixture)
        finally:
            self._open.discard(key)

    def returned(self, function: FunctionNode) -> Values:
        return self._resolver.returned(function)

    def forget(self) -> None:
        """Let go of what was worked out. See :meth:`titan_lint.uses.file.File.forget`."""
        self._resolver.forget()
        vars(self).clear()


def _sole_binding(program: Program, name: str) -> Binding | None:
    """The one binding of a module's name, if that is made whatever happens."""
    scope = program.bindings.module
    match scope.bindings.get(name):
        case [binding] if (
            name not in scope.shared
            and binding.kind in _FOLLOWED
            and program.statement(binding.node) in program.tree.body
        ):
            return binding
        case _:
            return None


def _may_bind(program: Program, name: str, besides: int) -> bool:
    """Whether a module may bind a name, or have it put there, beside so many imports of it."""
    scope = program.bindings.module
    return (
        len(scope.bindings.get(name, ())) > besides
        or name in scope.shared
        or program.once(_binds_unseen)
        or any(
            isinstance(part, ast.Constant) and part.value == name
            for call in program.called("setattr")
            for part in call.args
        )
        or any(
            isinstance(node.ctx, ast.Store) and ast.unparse(node.slice) == repr(name)
            for node in program.of(ast.Subscript)
        )
    )


def _is_asked(test: ast.expr, asked: str, name: str) -> bool | None:
    """Whether a test holds where ``asked`` is a name; ``None`` for a test of another form."""
    match test:
        case ast.Compare(
            left=ast.Name(id=left), ops=[ast.Eq()], comparators=[ast.Constant(value=str() as one)]
        ) if left == asked:
            return name == one
        case ast.Compare(
            left=ast.Name(id=left),
            ops=[ast.In()],
            comparators=[ast.Tuple(elts=listed) | ast.List(elts=listed) | ast.Set(elts=listed)],
        ) if left == asked and all(isinstance(one, ast.Constant) for one in listed):
            return any(isinstance(one, ast.Constant) and one.value == name for one in listed)
        case _:
            return None


class OwnModules:
    """The modules of a project as one file of it sees them. See :class:`~titan_lint.code.library.Modules`.

    Args:
        path: The file.
        modules: Those that it may import, among others.
        is_sure: Whether doubts are looked into at once; by default they are void.

    Attributes:
        path: The file.
        is_consulted: Whether an answer rests on what they say.
        brings: Whether the file has anything of torchtitan's from them.
    """

    def __init__(self, path: str, modules: Modules, *, is_sure: bool = False) -> None:
        self.is_consulted = False
        self.brings = False
        self.path = path
        self._modules = modules
        self._known: dict[tuple[str, str, str, bool], tuple[Values, Home] | None] = {}
        # Those of the modules that were asked, which some files share, and what these may have asked for others.
        self._through: dict[tuple[str, str], OwnModules] = {}
        self._doubts: dict[Doubt, None] = {}
        self._is_sure = is_sure

    @property
    def leans(self) -> Leans:
        """See :class:`~titan_lint.code.library.Modules`."""
        return self._modules.leans

    @property
    def sure(self) -> OwnModules:
        """The same, with all doubts looked into at once."""
        return OwnModules(self.path, self._modules, is_sure=True)

    def may_be(self, ask: Callable[..., bool], *about: str) -> bool:
        """Whether something in the project's other files is in the way of what is known of a thing of this file."""
        doubt = ask, (self.path, *about)
        if self._is_sure:
            return self._modules.holds(doubt)
        self._doubts[doubt] = None
        return False

    @property
    def is_doubted(self) -> bool:
        """Whether a doubt holds that was taken to be void in what was told of the file."""
        reached: list[OwnModules] = [self]
        for own in reached:
            reached += [one for one in own._through.values() if one not in reached]
        return any(self._modules.holds(doubt) for own in reached for doubt in own._doubts)

    def values(
        self, module: str, name: str, types: Types, *, starred: bool = False
    ) -> tuple[Values, Home] | None:
        """See :class:`~titan_lint.code.library.Modules`."""
        key = module, name, types.key, starred
        if key not in self._known:
            self._known[key] = self._values(module, name, types, starred)
            self.brings = self.brings or self._known[key] is not None
        return self._known[key]

    def _values(
        self, module: str, name: str, types: Types, starred: bool
    ) -> tuple[Values, Home] | None:
        found = self._find(module)
        # Most names lead elsewhere: those need no parsing.
        if found is None or found == self.path or not self._modules.graph.leads(found, name):
            return None
        home = self._modules.home(found, types, is_sure=self._is_sure)
        if home is None or (starred and not home.exports(name)):
            return None
        self._through[found, types.key] = home.own
        self._ask_below(home, name, types)
        values = home.name(name)
        if UNKNOWN in values:
            return None
        last = module.rpartition(".")[2]
        package = module.removesuffix(last)
        if last and package:
            if self._modules.is_bound(self.path, package.rstrip(".") or package, last):
                return None
        return values, home

    def _ask_below(self, home: _Home, name: str, types: Types) -> None:
        """Ask for what a name of a module rests on in others, the last ones first: none then asks many in turn.

        Each class of a chain through hundreds of modules would ask for the next one, deeper than Python goes.
        """
        order: list[tuple[_Home, str, str]] = []
        seen: set[tuple[str, str]] = {(home.path, name)}
        todo = [(home, name)]
        for asking, asked in todo:
            for module, member in asking.rests_on(asked) if not asking.is_told(asked) else ():
                path = self._modules.find(asking.path, module)
                if path is None or (path, member) in seen:
                    continue
                seen.add((path, member))
                if self._modules.graph.leads(path, member):
                    below = self._modules.home(path, types, is_sure=self._is_sure)
                    if below is not None:
                        order.append((asking, module, member))
                        todo.append((below, member))
        for asking, module, member in reversed(order):
            told = asking.own.values(module, member, types)
            for value in told[0] if told is not None else ():
                if told is not None and isinstance(value, LocalClass):
                    told[1].names(value.info)

    def lacks(self, module: str, name: str) -> bool:
        """See :class:`~titan_lint.code.library.Modules`."""
        found = self._find(module)
        return found is not None and self._modules.graph.lacks(found, name)

    def module(self, package: str, name: str) -> str | None:
        """See :class:`~titan_lint.code.library.Modules`."""
        found = self._find(f"{package}{'' if package.endswith('.') else '.'}{name}")
        if found is None or self._modules.is_bound(self.path, package, name):
            return None
        return self._modules.dotted(found)

    def imported(self, module: str, *, bare: bool = False) -> tuple[Program, OwnModules] | None:
        """A module of the project that the file imports, and the modules as that one sees them.

        Args:
            module: The module.
            bare: Whether it is wanted where it imports nothing itself, too.
        """
        found = self._find(module)
        program = self._modules.parsed(found, bare=bare) if found is not None else None
        if found is None or program is None:
            return None
        own = OwnModules(found, self._modules, is_sure=self._is_sure)
        return program, self._through.setdefault((found, ""), own)

    def definition(self, module: str, name: str) -> str | None:
        """See :meth:`Modules.definition`."""
        if self._find(module) is None:
            return None
        return self._modules.definition(self.path, module, name)

    def change(self, cls: ClassInfo, name: str) -> bool:
        """Whether another file may set an attribute of a class of the file."""
        # What others do with a class of another file was asked where that came from.
        if isinstance(cls, OwnClass):
            return False
        self.is_consulted = True
        return self.may_be(self._modules.classes.is_changed, qualified(cls), name)

    def hide(self, cls: ClassInfo, name: str) -> bool:
        """See :class:`~titan_lint.code.library.Modules`."""
        self.is_consulted = True
        origin = cls.origin if isinstance(cls, OwnClass) else (self.path, qualified(cls))
        return self.may_be(self._modules.classes.is_hidden, *origin, name)

    def give(self, bases: str, name: str) -> bool:
        """See :meth:`OwnClasses.is_given`."""
        self.is_consulted = True
        return self.may_be(self._modules.classes.is_given, bases, name)

    def bring(self, bases: str, name: str) -> bool:
        """See :meth:`OwnClasses.is_brought`."""
        self.is_consulted = True
        return self.may_be(self._modules.classes.is_brought, bases, name)

    def hold_otherwise(self, bases: str, name: str, types: str) -> bool:
        """See :meth:`OwnClasses.is_held_otherwise`."""
        self.is_consulted = True
        return self.may_be(self._modules.classes.is_held_otherwise, bases, name, types)

    def fill(self, field: str, holder: str, types: Types) -> Iterator[_Home]:
        """The other files of the project that may put something into a field of that name, by what stands there."""
        self.is_consulted = True
        for path in self._modules.filling(self.path, field, holder):
            home = self._modules.home(path, types, is_sure=self._is_sure)
            if home is not None and path != self.path:
                self._through[path, types.key] = home.own
                yield home

    def give_stand_in(self, fixture: str, types: Types, module: str = "") -> bool | None:
        """See :class:`~titan_lint.code.library.Modules`."""
        self.is_consulted = True
        asked = [module] if module else [f"{'.' * level}conftest" for level in range(1, _ABOVE)]
        for one in asked:
            found = self._find(one)
            if found is None or found == self.path:
                continue
            home = self._modules.home(found, types, is_sure=self._is_sure)
            if home is not None:
                self._through[found, types.key] = home.own
                answer = home.gives_stand_in(fixture)
                if answer is not None:
                    return answer
        return None

    def lead(self) -> bool:
        """Whether the file imports something from its project that may lead to torchtitan."""
        self.is_consulted = True
        return self._modules.graph.follows(self.path)

    def _find(self, module: str) -> str | None:
        found = self._modules.find(self.path, module)
        if found is not None:
            self.is_consulted = True
        return found
