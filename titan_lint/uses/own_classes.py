"""Which of a project's classes its other files mean, where they change one or derive from it.

torchtitan's classes hold a class ``Config`` each, and so do the project's that are built on them: the name alone
tells nothing. The texts of the files say which of them may be about a class of that name. These are parsed, and
names in them are followed to the classes that they stand for. Where a file does not tell which class it means, it
may be any of that name.

A class is told by its file and its name with those of the classes around it, at every torchtitan the same.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re

from titan_lint.code.forms import last_name
from titan_lint.code.names import Kind, qualified
from titan_lint.code.source import SourceError, module_name
from titan_lint.code.word_patterns import changed
from titan_lint.structs import Struct
from titan_lint.uses.brought import ANY, brought, by_strings_in, is_open
from titan_lint.uses.made import classes_in, decorated_by, makers
from titan_lint.uses.made import made as calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from titan_lint.code.names import Binding, ClassInfo
    from titan_lint.code.program import Program

_MANY = 200
"""From how many files on all of them count, whichever class they mean: none of them is parsed."""

_STEPS = 2_000
"""After how many steps of following one name it may stand for anything."""

_DEEP = 30
"""Through how many imports, assignments and bases it is followed at most."""

_VALUES = 3
"""How many assignments may have given a name its value, and through how many others, for them to be followed."""


class Origin(Struct):
    """Where a class of the project stands.

    Attributes:
        path: Its file.
        name: Its name, with those of the classes around it.
    """

    path: str
    name: str


class Outside(Struct):
    """What stands at a path that leads out of the project."""

    path: str


class Module(Struct):
    """A module as a file imports it."""

    importer: str
    name: str


class Unknown(Struct):
    """What may be anything."""


Meant = Origin | Outside | Module | Unknown
UNKNOWN = Unknown()


class Name(Struct):
    """A name as a file writes it: what its first part is bound by, and the parts behind that.

    Attributes:
        links: What may have bound the first part; none where that is not known.
        parts: The parts behind it.
    """

    links: tuple[Link, ...]
    parts: tuple[str, ...] = ()


class Link(Struct):
    """What binds a name.

    Attributes:
        module: The module that it is imported from, or that it is.
        member: The name there; of a class that the file defines, its own; empty for a module.
        value: The name that it is given the value of.
        is_starred: Whether it is imported only where the module has it.
    """

    module: str = ""
    member: str = ""
    value: Name | None = None
    is_starred: bool = False


NOT_KNOWN = Name(())
_FOUND_OUT = (ast.Call, ast.Starred, ast.BoolOp, ast.IfExp, ast.NamedExpr)
"""Bases that are not named, but worked out from what may be classes."""

# A class as a file names it, the attribute of it that is put there, and what holds one that lies further in.
_Site = tuple[Name, str, "Name | None"]
_ANYTHING: tuple[_Site, ...] = ((NOT_KNOWN, ANY, None),)


class _Class(Struct):
    """A class statement.

    Attributes:
        bases: What it derives from, each with the words in it.
        names: What its body binds.
        attributes: What its methods set on ``self``.
        types: What it declares its attributes to be of; of one that it also binds without that, nothing is known, too.
        is_open: Whether it may have attributes that nothing names.
        by: What may make another class of it, by the last parts of the names.
        is_call: Whether it is none, but a call that may make one of its bases.
        is_found_out: Whether a base of it is worked out, and may be anything: a call gives it, or a table.
    """

    bases: tuple[tuple[Name, frozenset[str]], ...]
    names: dict[str, tuple[Link, ...]]
    attributes: frozenset[str]
    types: dict[str, tuple[Name, ...]]
    is_open: bool
    by: frozenset[str] = frozenset()
    is_call: bool = False
    is_found_out: bool = False

    def binds(self, attribute: str) -> bool:
        """Whether its body or a method of it binds an attribute."""
        return attribute in self.names or attribute in self.attributes


class _Told(Struct):
    """What a file says of classes.

    Attributes:
        names: What the module binds.
        stars: The modules that it imports everything from.
        classes: Its classes, by their names with those around them; several statements of one name. Calls that may make
            some are among them.
        makers: The functions that may make a class of one they are handed, with the attributes that brings.
    """

    names: dict[str, tuple[Link, ...]]
    stars: tuple[str, ...]
    classes: dict[str, list[_Class]]
    makers: dict[str, frozenset[str]]


class OwnClasses:
    """The classes of a project, and which of them its files mean.

    Args:
        find: Gives the file of the module that an import in a file means, as it is written there; ``None``
            where that is no module of the file's project, or may be one of several.
        is_outside: Whether an import in a file certainly means no module of the project.
        parse: Gives a file parsed; ``None`` for one that is no Python.
        changing: Gives the files beside one that may give a class of a name other attributes.
        hiding: Gives the files beside one that may derive a class from one of a name, and bind an attribute in
            what they derive, with the names of all classes that may derive from it.
        is_put: Whether a file of one's project may put something in the place of an owner's member, told by both names.
        binding: Gives the files that run together with one, and may bind an attribute in a class.
        deriving: Gives the files that run together with one, and may derive a class from one of a name, with the names
            of all classes that may derive from it.
        handing: Gives the files that run together with one, and may hand a class of a name to a call that makes another.
        making: Gives the files that run together with one, and may define a function of a name.
        working_out: Gives the files of ``binding`` in which a class may have a base that a call or a table gives.
    """

    def __init__(
        self,
        find: Callable[[str, str], str | None],
        is_outside: Callable[[str, str], bool],
        parse: Callable[[str], Program | None],
        changing: Callable[[str, str], list[str]],
        hiding: Callable[[str, str, str], tuple[list[str], frozenset[str]]],
        is_put: Callable[[str, str, str], bool],
        binding: Callable[[str, str], list[str]],
        deriving: Callable[[str, str], tuple[list[str], frozenset[str]]],
        handing: Callable[[str, str], list[str]],
        making: Callable[[str, str], list[str]],
        working_out: Callable[[str, str], list[str]],
    ) -> None:
        self._find = find
        self._is_outside = is_outside
        self._parse = parse
        self._changing = changing
        self._hiding = hiding
        self._is_put = is_put
        self._binding = binding
        self._deriving = deriving
        self._handing = handing
        self._making = making
        self._working_out = working_out
        self._said: dict[str, _Told | None] = {}
        self._known: dict[tuple[str, Name], frozenset[Meant]] = {}
        self._sites: dict[tuple[str, str], frozenset[tuple[Meant, str]]] = {}
        self._steps = 0

    def forget(self) -> None:
        """Let go of all that was found out of a project, whose turn is over."""
        self._said.clear()
        self._known.clear()
        self._sites.clear()

    # -- questions ----------------------------------------------------------------------------

    def is_changed(self, path: str, name: str, attribute: str = ANY) -> bool:
        """Whether another file may give a class other attributes.

        Args:
            path: The file of the class.
            name: The name of the class, with those of the classes around it.
            attribute: The one that is asked about.
        """
        return any(True for _ in self._put(path, name, attribute))

    def put(self, path: str, name: str) -> frozenset[str]:
        """The attributes that other files may give a class, :data:`ANY` among them where one is named nowhere."""
        return frozenset(self._put(path, name, ANY))

    def _put(self, path: str, name: str, attribute: str) -> Iterator[str]:
        cls = Origin(path, name)
        last = name.rpartition(".")[2]
        others = self._changing(path, last)
        if not others or len(others) > _MANY:
            yield from (ANY,) if others else ()
            return
        # What is outside goes by several paths.
        above = {_end(base) for base in self._above(cls) if isinstance(base, Outside)}
        for other in others:
            for meant, put in self._changed(other, last):
                if (ANY in (attribute, put) or attribute == put) and (
                    meant in (cls, UNKNOWN)
                    or (isinstance(meant, Outside) and _end(meant) in above)
                    or self._is_replaced(path, meant)
                ):
                    yield put

    def is_hidden(self, asking: str, path: str, name: str, attribute: str) -> bool:
        """Whether a file may derive a class from another one, and bind an attribute in it or in what else it derives from.

        Args:
            asking: A file that does not count.
            path: The file of the class.
            name: The name of the class, with those of the classes around it.
            attribute: The attribute.
        """
        cls = Origin(path, name)
        others, names = self._hiding(asking, name.rpartition(".")[2], attribute)
        return len(others) > _MANY or any(self._hides(o, cls, names, attribute) for o in others)

    def is_given(self, path: str, bases: str, attribute: str) -> bool:
        """Whether a class of the project's that derives from one of torchtitan's has an attribute of the project's.

        Args:
            path: The file that asks.
            bases: The ends of the paths of torchtitan's classes, with spaces between: ``Trainer FullAC.Config``.
            attribute: The attribute: what binds it may be the class, or one of the project's that it derives from, too.
                With :data:`ANY` it is enough that there is such a class.
        """
        if attribute == ANY:
            return any(self._is_class(one) for one in self._built_on(path, bases))
        return any(
            not isinstance(one, Origin) or self._may_bring(one, bases.split(), attribute)
            for one in self._built_on(path, bases)
        ) or self._is_found_out(path, attribute)

    def _is_found_out(self, path: str, attribute: str) -> bool:
        """Whether a class binds an attribute of which is not known what it derives from."""
        for file in self._working_out(path, attribute):
            told = self._told(file)
            if told is not None and any(
                statement.is_found_out and statement.binds(attribute)
                for statements in told.classes.values()
                for statement in statements
            ):
                return True
        return False

    def is_brought(self, path: str, bases: str, attribute: str) -> bool:
        """Whether a class of the project's certainly derives from one of torchtitan's and binds an attribute itself.

        Args:
            path: The file that asks.
            bases: As of :meth:`is_given`.
            attribute: The attribute.
        """
        ends = bases.split()
        return any(
            isinstance(one, Origin)
            and any(_ends_in(meant, ends) for meant in self._above(one))
            and (told := self._told(one.path)) is not None
            and all(statement.binds(attribute) for statement in told.classes[one.name])
            for one in self._built_on(path, bases)
        )

    def is_held_otherwise(self, path: str, bases: str, attribute: str, types: str) -> bool:
        """Whether a class of the project's that derives from one of torchtitan's declares an attribute to be of another type.

        Args:
            path: The file that asks.
            bases: As of :meth:`is_given`.
            attribute: The attribute.
            types: The ends of the paths of torchtitan's classes of which it is; what derives from one of these is
                of no other type.
        """
        ends = types.split()
        return bool(self._binding(path, attribute)) and any(
            not self._is_of(one, attribute, ends) for one in self._built_on(path, bases)
        )

    def _built_on(self, path: str, bases: str) -> Iterator[Origin | Unknown]:
        """The classes of the project's that derive from one of torchtitan's, or may do so."""
        for end in bases.split():
            last = end.rpartition(".")[2]
            files, names = self._deriving(path, last)
            if len(files) > _MANY:
                yield UNKNOWN
                continue
            for file in dict.fromkeys((*files, *self._handing(path, last))):
                told = self._told(file)
                if told is None:
                    yield UNKNOWN
                    continue
                for name in told.classes:
                    one = Origin(file, name)
                    if any(
                        meant == UNKNOWN or _ends_in(meant, (end,))
                        for meant in self._above(one, names)
                    ):
                        yield one

    def _binds(self, one: Origin, attribute: str) -> bool:
        """Whether a class binds an attribute itself, or may do so."""
        told = self._told(one.path)
        return told is None or any(
            statement.binds(attribute)
            or not self._made(one.path, statement).isdisjoint((attribute, ANY))
            for statement in told.classes.get(one.name, ())
        )

    def _is_class(self, one: Origin | Unknown) -> bool:
        """Whether there is a class, or a call that makes one."""
        told = self._told(one.path) if isinstance(one, Origin) else None
        if told is None or not isinstance(one, Origin):
            return True
        return any(
            not statement.is_call or not statement.by or self._makers(one.path, statement)
            for statement in told.classes[one.name]
        )

    def _made(self, path: str, statement: _Class) -> frozenset[str]:
        """The attributes that the project's functions add where they make another class of one."""
        return frozenset(name for names in self._makers(path, statement) for name in names)

    def _makers(self, path: str, statement: _Class) -> list[frozenset[str]]:
        """What the functions bring each that may make another class of one."""
        found: list[frozenset[str]] = []
        for word in sorted(statement.by):
            for file in self._making(path, word):
                told = self._told(file)
                if told is not None and word in told.makers:
                    found.append(told.makers[word])
        return found

    def _may_bring(self, cls: Origin, ends: Sequence[str], attribute: str) -> bool:
        """Whether a class may have an attribute that no class of torchtitan's brings.

        Args:
            cls: The class.
            ends: The ends of the paths of torchtitan's classes, from one of which it may derive.
            attribute: The attribute.
        """
        every = (cls, *self._above(cls))
        # What is not known may be torchtitan's class itself; beside that, it is another one.
        is_another = UNKNOWN in every and any(_ends_in(one, ends) for one in every)
        return (is_another and self._is_statement(cls)) or any(
            self._brings(one, attribute) for one in every
        )

    def _is_statement(self, one: Origin) -> bool:
        """Whether something is a class by itself, and not only handed to a call that may make one."""
        told = self._told(one.path)
        return told is None or any(
            not statement.is_call or not statement.by
            for statement in told.classes.get(one.name, ())
        )

    def _brings(self, one: Meant, attribute: str) -> bool:
        """Whether a class may bring an attribute itself."""
        match one:
            case Origin():
                told = self._told(one.path)
                statements = () if told is None else told.classes.get(one.name, ())
                return self._binds(one, attribute) or any(cls.is_open for cls in statements)
            case Outside(path=path):
                return not brought(path).isdisjoint((attribute, ANY))
            case _:
                return False

    def _is_of(self, one: Origin | Unknown, attribute: str, ends: Sequence[str]) -> bool:
        """Whether a class that has an attribute of its own declares it to be of a class of torchtitan's."""
        told = self._told(one.path) if isinstance(one, Origin) else None
        if told is None or not isinstance(one, Origin):
            return False
        for statement in told.classes.get(one.name, ()):
            if not statement.binds(attribute):
                continue
            named = statement.types.get(attribute, (NOT_KNOWN,))
            meant = {each for name in named for each in self._meant(one.path, name)}
            if not all(
                _ends_in(each, ends)
                or (
                    isinstance(each, Origin)
                    and any(_ends_in(above, ends) for above in self._above(each))
                )
                for each in meant
            ):
                return False
        return True

    def _hides(self, path: str, cls: Origin, names: frozenset[str], attribute: str) -> bool:
        """Whether a file may bind an attribute in a class that derives from another one.

        Args:
            path: The file.
            cls: The class.
            names: The names of all classes that may derive from it.
            attribute: The attribute.
        """
        told = self._told(path)
        if told is None:
            return True
        known = {cls, *self._above(cls)}
        return any(
            (one := Origin(path, name)) != cls
            and self._derives(one, cls, names)
            and any(
                self._binds(above, attribute)
                for above in {one, *self._above(one)} - known
                if isinstance(above, Origin)
            )
            for name in told.classes
        )

    def _derives(self, derived: Origin, cls: Origin, names: frozenset[str]) -> bool:
        """Whether a class may derive from another one."""
        return any(
            meant in (cls, UNKNOWN) or self._is_replaced(derived.path, meant)
            for meant in self._above(derived, names)
        )

    def _above(self, cls: Origin, names: frozenset[str] | None = None) -> Iterator[Meant]:
        """What a class derives from, through any number of classes.

        Args:
            cls: The class.
            names: The words of which a base has one, for it to count.
        """
        todo = [cls]
        for one in todo:
            told = self._told(one.path)
            statements = None if told is None else told.classes.get(one.name)
            if statements is None:
                yield UNKNOWN
                continue
            for statement in statements:
                for base, words in statement.bases:
                    if names is None or not words.isdisjoint(names):
                        meant = self._meant(one.path, base)
                        yield from meant
                        todo += [m for m in meant if isinstance(m, Origin) and m not in todo]

    def _is_replaced(self, path: str, meant: Meant) -> bool:
        """Whether something else may stand where a class does."""
        match meant:
            case Origin():
                words = [module_name(meant.path), *meant.name.split(".")]
            case Outside():
                words = meant.path.split(".")
            case _:
                return False
        pairs = list(itertools.pairwise(words))[-2:]
        return any(self._is_put(path, owner, name) for owner, name in pairs)

    # -- what a file changes --------------------------------------------------------------------

    def _changed(self, path: str, name: str) -> frozenset[tuple[Meant, str]]:
        """The classes of a name that a file may give other attributes, each with one of these."""
        key = path, name
        if key not in self._sites:
            program = self._parse(path)
            found: set[tuple[Meant, str]] = set()
            try:
                for site, put, inner in _ANYTHING if program is None else _sites(program, name):
                    # What is set on a class that another one holds is none of that one's attributes.
                    if inner is None or UNKNOWN in self._meant(path, inner):
                        found.update((meant, put) for meant in self._meant(path, site))
            except SourceError:
                found.add((UNKNOWN, ANY))
            self._sites[key] = frozenset(found)
        return self._sites[key]

    # -- what names stand for -------------------------------------------------------------------

    def _told(self, path: str) -> _Told | None:
        if path not in self._said:
            program = self._parse(path)
            try:
                self._said[path] = None if program is None else program.once(_told)
            except SourceError:
                self._said[path] = None
        return self._said[path]

    def _meant(self, path: str, name: Name) -> frozenset[Meant]:
        """All that a name in a file may stand for."""
        key = path, name
        if key not in self._known:
            self._steps = 0
            found = self._named(path, name, frozenset())
            # A module is no class: who says so was not understood.
            unsure = not found or any(isinstance(one, Module) for one in found)
            self._known[key] = found | {UNKNOWN} if unsure else found
        return self._known[key]

    def _named(self, path: str, name: Name, through: frozenset[object]) -> frozenset[Meant]:
        found: set[Meant] = set()
        for link in name.links:
            found |= self._linked(path, link, through)
        if not name.links:
            found.add(UNKNOWN)
        for part in name.parts:
            found = {m for one in found for m in self._member(one, part, through)}
        return frozenset(found)

    def _linked(self, path: str, link: Link, through: frozenset[object]) -> frozenset[Meant]:
        """What is bound so."""
        key = path, link
        self._steps += 1
        if self._steps > _STEPS or len(through) > _DEEP:
            return frozenset((UNKNOWN,))
        # What leads in a circle brings nothing more.
        if key in through:
            return frozenset()
        through |= {key}
        if link.value is not None:
            return self._named(path, link.value, through)
        if not link.module:
            return frozenset((Origin(path, link.member) if link.member else UNKNOWN,))
        module = Module(path, link.module)
        if not link.member:
            return frozenset((module,))
        return self._member(module, link.member, through, is_starred=link.is_starred)

    def _member(
        self, owner: Meant, name: str, through: frozenset[object], *, is_starred: bool = False
    ) -> frozenset[Meant]:
        """What a class or module has by a name."""
        match owner:
            case Origin():
                return self._of_class(owner, name, through)
            case Outside(path=path):
                return frozenset((Outside(f"{path}.{name}"),))
            case Module():
                return self._of_module(owner, name, through, is_starred)
            case _:
                return frozenset((owner,))

    def _of_class(self, owner: Origin, name: str, through: frozenset[object]) -> frozenset[Meant]:
        key = owner, name
        told = self._told(owner.path)
        if told is None or owner.name not in told.classes:
            return frozenset((UNKNOWN,))
        if key in through:
            return frozenset()
        through |= {key}
        found: set[Meant] = set()
        for statement in told.classes[owner.name]:
            links = statement.names.get(name, ())
            for link in links:
                found |= self._linked(owner.path, link, through)
            if not links:
                for base, _ in statement.bases:
                    for one in self._named(owner.path, base, through):
                        found |= self._member(one, name, through)
        return frozenset(found or (UNKNOWN,))

    def _of_module(
        self, owner: Module, name: str, through: frozenset[object], is_starred: bool
    ) -> frozenset[Meant]:
        path = self._find(owner.importer, owner.name)
        below = f"{owner.name}{'' if owner.name.endswith('.') else '.'}{name}"
        if path is None:
            if self._is_outside(owner.importer, owner.name):
                return frozenset((Outside(below),))
            return frozenset((Module(owner.importer, below),))
        told = self._told(path)
        if told is None:
            return frozenset((UNKNOWN,))
        found: set[Meant] = set()
        for link in told.names.get(name, ()):
            found |= self._linked(path, link, through)
        if name not in told.names:
            for module in told.stars:
                found |= self._linked(path, Link(module, name, is_starred=True), through)
        if self._find(owner.importer, below) is not None and not is_starred:
            found.add(Module(owner.importer, below))
        if not found and not is_starred:
            found.add(UNKNOWN)
        return frozenset(found)


def _end(place: Outside) -> tuple[str, ...]:
    """The last two parts of a path: a class, and what holds it."""
    return tuple(place.path.split(".")[-2:])


def _ends_in(meant: Meant, ends: Sequence[str]) -> bool:
    """Whether something is a class of torchtitan's with one of some ends of its path."""
    return (
        isinstance(meant, Outside)
        and meant.path.startswith("torchtitan.")
        and meant.path.endswith(tuple(f".{end}" for end in ends))
    )


def _told(program: Program) -> _Told:
    """What a file says of classes."""
    bindings = program.bindings
    classes: dict[str, list[_Class]] = {}
    for info in bindings.classes.values():
        bases = [
            one
            for base in info.node.bases
            for one in (
                (base, *classes_in(program, base, 1)) if isinstance(base, _FOUND_OUT) else (base,)
            )
        ]
        made = _Class(
            tuple((_name(program, base), _words(base)) for base in bases),
            {name: _links(program, bound) for name, bound in info.scope.bindings.items()},
            frozenset((*info.attributes, *by_strings_in(program, info))),
            {name: _types(program, bound) for name, bound in _declared(info).items()},
            is_open(program, info),
            decorated_by(program, info),
            is_found_out=any(_is_worked_out(program, base) for base in info.node.bases),
        )
        classes.setdefault(qualified(info), []).append(made)
    for at, call in enumerate(calls(program)):
        handed = tuple((_name(program, base), _words(base)) for base in call.bases)
        is_open_call = ANY in call.names
        classes[f"<call {at}>"] = [
            _Class(handed, {}, call.names, {}, is_open_call, call.by, is_call=True)
        ]
    scope = bindings.module
    names = {
        name: _links(program, bound) + ((Link(),) if name in scope.shared else ())
        for name, bound in scope.bindings.items()
    }
    return _Told(names, tuple(star.path for star in scope.stars), classes, makers(program))


def _is_worked_out(program: Program, base: ast.expr) -> bool:
    """Whether a base is what a call or a table gives, at once or under a name."""
    match base:
        case ast.Call() | ast.Subscript(slice=ast.Constant(value=str())):
            return True
        case ast.Name():
            return any(
                isinstance(one.value, ast.Call)
                or (isinstance(one.value, ast.Subscript) and _is_worked_out(program, one.value))
                for one in program.bindings.of(base)
                if one.kind is Kind.VALUE
            )
        case _:
            return False


def _declared(info: ClassInfo) -> dict[str, list[Binding]]:
    """What binds the attributes of a class that are declared to be of some type."""
    found: dict[str, list[Binding]] = {}
    for name in (*info.scope.bindings, *info.attributes):
        bound = [*info.scope.bindings.get(name, ()), *info.attributes.get(name, ())]
        if any(one.annotation is not None for one in bound):
            found[name] = bound
    return found


def _types(program: Program, bound: Sequence[Binding]) -> tuple[Name, ...]:
    """What an attribute is declared to be of."""
    return tuple(
        NOT_KNOWN if one.annotation is None else _name(program, one.annotation) for one in bound
    )


def _links(
    program: Program, bound: Sequence[Binding], through: tuple[Binding, ...] = ()
) -> tuple[Link, ...]:
    """What binds a name."""
    return tuple(dict.fromkeys(_link(program, one, through) for one in bound))


def _link(program: Program, binding: Binding, through: tuple[Binding, ...]) -> Link:
    match binding.kind:
        case Kind.IMPORT:
            return Link(binding.path)
        case Kind.FROM:
            return Link(binding.path, binding.member)
        case Kind.STAR:
            return Link(binding.path, binding.member, is_starred=True)
        case Kind.CLASS if isinstance(binding.node, ast.ClassDef):
            return Link(member=qualified(program.bindings.classes[binding.node]))
        case Kind.VALUE if binding.value is not None and len(through) < _VALUES:
            return Link(value=_name(program, binding.value, (*through, binding)))
        case _:
            return Link()


def _name(program: Program, node: ast.expr, through: tuple[Binding, ...] = ()) -> Name:
    """An expression as a name; of a generic class with its arguments, that of the class."""
    if isinstance(node, ast.Subscript):
        node = node.value
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return NOT_KNOWN
    bound = program.bindings.of(node)
    if through and len(bound) > _VALUES:
        return NOT_KNOWN
    links = _links(program, bound, through)
    if not bound:
        stars = program.bindings.scope_stars(node)
        links = tuple(Link(star.path, node.id, is_starred=True) for star in stars)
        if not links and hasattr(builtins, node.id):
            links = (Link("builtins", node.id),)
    return Name(links, tuple(parts))


def _words(node: ast.expr) -> frozenset[str]:
    """The words in an expression."""
    found: set[str] = set()
    for part in ast.walk(node):
        match part:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=str() as word):
                found.add(word)
            case ast.Constant(value=str() as text):
                found.update(re.findall(r"\w+", text))
            case _:
                pass
    return frozenset(found)


def _sites(program: Program, name: str) -> Iterator[_Site]:
    """Where a file may give classes of a name other attributes."""
    data = program.source.text.encode("utf-8", "surrogatepass")
    # The ends of the names, in characters.
    ends = {
        len(data[:at].decode("utf-8", "surrogatepass")) + len(name)
        for at in changed(data, name.encode())
    }
    for node in program.of(ast.Attribute, ast.Name):
        if last_name(node) == name and (end := program.span(node).end) in ends:
            ends.discard(end)
            yield _name(program, node), *_put(program, node)
    for node in program.of(ast.alias, ast.Constant) if ends else ():
        at = program.span(node)
        if not any(at.start < end <= at.end for end in ends):
            continue
        if isinstance(node, ast.alias):
            yield _imported(program, node), ANY, None
        # What documents something changes nothing.
        elif not isinstance(program.parents[node], ast.Expr):
            path = _at(node.value, name) if isinstance(node.value, str) else NOT_KNOWN
            yield path, str(node.value).rpartition(".")[2] if path.links else ANY, None


def _put(program: Program, node: ast.expr) -> tuple[str, Name | None]:
    """The attribute that is set, deleted or patched where a class stands, and what holds one that lies further in."""
    parent = program.parents[node]
    match parent:
        case ast.Attribute(attr=name):
            is_inner = isinstance(program.parents[parent], ast.Attribute)
            return name, _name(program, parent) if is_inner else None
        case ast.Call(args=[first, ast.Constant(value=str() as name), *_]) if first is node:
            return name, None
        case _:
            return ANY, None


def _imported(program: Program, alias: ast.alias) -> Name:
    """What an import brings."""
    match program.parents[alias]:
        case ast.ImportFrom(module=module, level=level):
            return Name((Link("." * level + (module or ""), alias.name),))
        case _:
            return NOT_KNOWN


def _at(text: str, name: str) -> Name:
    """What a text names that is the dotted path of a member of a class."""
    first, *parts = text.split(".")
    if name not in parts[:-1] or not all(part.isidentifier() for part in (first, *parts)):
        return NOT_KNOWN
    end = len(parts) - parts[-2::-1].index(name) - 1
    return Name((Link(first),), tuple(parts[:end]))
