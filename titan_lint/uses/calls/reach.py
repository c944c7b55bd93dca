"""Whether anything may read a field of what a call makes."""

from __future__ import annotations

import ast

from titan_lint.api import Class, Function
from titan_lint.code.following import follows
from titan_lint.code.forms import callee_name, last_name
from titan_lint.code.names import FunctionNode
from titan_lint.code.stores import stored, whose
from titan_lint.code.values import LocalClass
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.conditions.truth import Truth
from titan_lint.uses.fields import COPYING
from titan_lint.uses.guards import verdict
from titan_lint.uses.neighbours import read_paths
from titan_lint.uses.reads import may_be_asked_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from titan_lint.api import Surface
    from titan_lint.api.changes.rows import DefaultChange
    from titan_lint.code.program import Program
    from titan_lint.uses.file import File


_ASKING = frozenset({"getattr", "hasattr", "asdict"})
"""What gives a part of what it is handed, and keeps nothing of it."""


def has_reader(file: File, row: DefaultChange) -> bool:
    """Whether the project uses what reads the parameter of a row, at the target or where it was before."""
    readers = row.old.read_by
    if not readers:
        return True
    neighbours = file.options.neighbours
    asked = {*read_paths(file.program), *(neighbours.paths if neighbours is not None else ())}
    surfaces = (file.target.surface, file.at(file.era.keys[-1]).target.surface)
    return any(_leads_to(surface, path, readers) for surface in surfaces for path in sorted(asked))


def _leads_to(surface: Surface, path: str, readers: tuple[str, ...]) -> bool:
    """Whether a path is that of a reader, of a class that inherits from one, or of what makes its config."""
    found = surface.lookup(path)
    if isinstance(found, Function) and found.returns is not None:
        found = surface.lookup(found.returns) or found
    if isinstance(found, Class):
        paths = [base.path for base in found.mro]
    elif isinstance(found, Function):
        paths = [found.path]
    else:
        return False
    known = [surface.resolve(reader) for reader in readers]
    return any(path == one or path.startswith(f"{one}.") for path in paths for one in known if one)


@follows(True)
def may_be_read(file: File, node: ast.expr, name: str) -> bool:
    """Whether something may read a field of a name of what an expression makes, or be given all of it.

    A config of which a function reads other fields, and that goes nowhere else, keeps this one to itself.
    """
    parent = file.program.parents[node]
    match parent:
        case ast.Attribute(attr=attr, ctx=ast.Load()):
            above = file.program.parents[parent]
            is_called = isinstance(above, ast.Call) and above.func is parent
            if isinstance(above, ast.Call) and above.func is parent and is_copied(above, node):
                return is_read_of_copy(file, above, name)
            if attr == name and isinstance(above, ast.Compare):
                # Who asks a config of his own making what a field is there asks for the version.
                return not file.once(Truth).constants.asks_for_default(parent)
            return attr == name or is_called or attr.startswith("__")
        case ast.Call(func=function, args=[asked, *_]) if asked is node and (
            last_name(function) in _ASKING
        ):
            return not isinstance(file.program.parents[parent], ast.Compare | ast.Subscript)
        case ast.Call() if is_copied(parent, node):
            return is_read_of_copy(file, parent, name)
        case ast.Attribute() | ast.Expr():
            return False  # another field is set, or nothing comes of it
        case ast.Assign(targets=[ast.Name() as target]):
            if may_be_asked_for(file, target):
                return True
            return any(may_be_read(file, load, name) for load in file.program.loads_from(target))
        case _:
            return True


def is_copied(call: ast.Call, node: ast.expr) -> bool:
    """Whether a call makes a copy of what an expression is, as far as its name shows it: ``replace(node, field=...)``."""
    name = callee_name(call)
    if name in COPYING and isinstance(call.func, ast.Attribute) and call.func.value is node:
        return not call.args
    return name in (*COPYING, "copy", "deepcopy") and call.args[:1] == [node] and len(call.args) < 2


def is_given_anew(call: ast.Call, name: str) -> bool:
    """Whether a copy certainly has another field of a name, or may have one: ``replace(config, **fields)``."""
    return any(word.arg in (name, None) for word in call.keywords)


def is_read_of_copy(file: File, call: ast.Call, name: str) -> bool:
    """Whether something may read a field of a copy that has it from what is copied."""
    return (
        not is_given_anew(call, name)
        and may_be_read(file, call, name)
        and not is_set_first(file, call, name)
    )


class _Held(Struct):
    """How what is made is asked for: ``whole.held``, or ``held`` of each of those that ``whole`` has."""

    whole: tuple[str, ...]
    held: tuple[str, ...]
    is_many: bool

    @property
    def config(self) -> tuple[str, ...]:
        """The parts of the name, without what picks one of many."""
        return (*self.whole, *self.held)


def is_set_first(file: File, made: ast.expr, name: str) -> bool:
    """Whether a field of what is made is always set, or may be by a name worked out, before anything else is done.

    So it is, too, where nothing gets what is made but copies that have a field of their own.

    Args:
        file: The file.
        made: What makes a config: ``parallelism = ParallelismConfig()``, as an argument of what makes another one, or
            as one of many: ``configs = [ParallelismConfig()]``.
        name: The field.
    """
    program = file.program
    if not stored(program, name) and not program.called("setattr", "update", *COPYING):
        return False
    statement, ways = program.statement(made), list(_held(program, made))
    if not ways:
        return False
    way = _Way(file, name, ways)
    if isinstance(statement, ast.If):
        # It gets its name where it is asked for: what hangs on the answer comes first. A config is not nothing.
        if isinstance(statement.test, ast.NamedExpr):
            answer = way.through(statement.body)
        else:
            answer = way.either(statement.test, statement.body, statement.orelse)
        if answer is not None:
            return answer
    for later in _behind(program, statement):
        answer = way.along(later)
        if answer is not None:
            return answer
    return way.is_given_anew and program.function(statement) is not None


def _held(program: Program, made: ast.expr) -> Iterator[_Held]:
    """By which names what is made is asked for, from the statement on that makes it."""
    held: tuple[str, ...] = ()
    is_many = False
    node: ast.AST = made
    while True:
        parent = program.parents[node]
        match parent:
            case ast.keyword(arg=str() as arg) if not is_many:
                node = program.parents[parent]
                if callee_name(node) == "dict":  # pyright: ignore[reportArgumentType]
                    is_many = True
                else:
                    held = (arg, *held)
            case ast.IfExp() | ast.BoolOp():
                node = parent
            case ast.Tuple(elts=values) if target := _beside(program, parent, node, len(values)):
                yield from _named(target, held, is_many)
                return
            case (
                ast.List() | ast.Tuple() | ast.Set() | ast.Dict() | ast.ListComp() | ast.DictComp()
            ):
                node, is_many = parent, True
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _FILLING:
                yield from _named(owner, held, is_many=True)
                return
            case ast.Assign(targets=targets):
                for target in targets:
                    yield from _named(target, held, is_many)
                return
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
                yield from _named(target, held, is_many)
                return
            case ast.NamedExpr(target=target) if _is_only_asked(program, parent):
                yield from _named(target, held, is_many)
                node = parent
            case _:
                return


def _is_only_asked(program: Program, named: ast.NamedExpr) -> bool:
    """Whether what gets a name in an expression goes nowhere else but to other names, and decides what is run."""
    node: ast.AST = named
    while isinstance(parent := program.parents[node], ast.Compare | ast.BoolOp | ast.UnaryOp):
        node = parent
    return isinstance(parent, ast.If | ast.Assign | ast.AnnAssign | ast.NamedExpr)


_FILLING = frozenset({"append", "appendleft", "add", "insert", "setdefault"})
"""Methods that put something beside others."""


def _beside(program: Program, whole: ast.AST, node: ast.AST, count: int) -> ast.expr | None:
    """What a part is given to where the parts of a whole are: ``a, b = made, other``."""
    match whole, program.parents[whole]:
        case ast.Tuple(elts=values), ast.Assign(targets=[ast.Tuple(elts=targets)]) if (
            len(targets) == count
        ):
            return next(t for t, value in zip(targets, values, strict=True) if value is node)
        case _:
            return None


def _named(target: ast.expr, held: tuple[str, ...], is_many: bool) -> Iterator[_Held]:
    if isinstance(target, ast.Subscript):
        target, is_many = target.value, True
    parts = _parts(target)
    if parts is not None:
        yield _Held(tuple(parts), held, is_many)


def _behind(program: Program, statement: ast.stmt) -> Iterator[ast.stmt]:
    """What stands behind a statement in its function, some of it: to look at all behind each call costs the square."""
    while True:
        block, at = program.place(statement)
        yield from block[at + 1 : at + 1 + _FAR]
        around = program.parents[statement]
        if isinstance(around, ast.ExceptHandler | ast.match_case):
            around = program.parents[around]
        if not isinstance(around, ast.stmt) or isinstance(around, FunctionNode | ast.ClassDef):
            return
        statement = around


_FAR = 50
"""How many statements later a field is still looked for in a block."""


class _Way:
    """What comes of a field of what is made, statement by statement.

    Args:
        file: The file.
        name: The field.
        ways: How what has it is asked for.
    """

    def __init__(self, file: File, name: str, ways: list[_Held]) -> None:
        self._file = file
        self._program = file.program
        self._name = name
        self._ways = ways
        self.is_given_anew = False

    def along(self, statement: ast.stmt) -> bool | None:
        """Whether a statement sets the field; ``False`` where something may read it, ``None`` where neither is so."""
        if self._sets(statement) or self._fills(statement):
            return True
        match statement:
            case ast.If(test=test, body=body, orelse=orelse):
                return False if self._hands_on(test) else self.either(test, body, orelse)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                is_given = any(self._hands_on(item) for item in items)
                return False if is_given else self.through(body)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=last):
                answers = [self.through([*body, *orelse])]
                answers += [self.through(handler.body) for handler in handlers]
                return False if False in answers else answers[0] or self.through(last)
            case ast.For(target=target, iter=things, body=body) if self._has(things):
                return self._round(self._taken_out(target, things), lambda: self.through(body))
            case ast.Expr(
                value=ast.ListComp(elt=elt, generators=[each])
                | ast.SetComp(elt=elt, generators=[each])
            ) if not each.ifs and self._has(each.iter):
                return self._round(
                    self._taken_out(each.target, each.iter),
                    lambda: self._sets(statement) or (False if self._hands_on(elt) else None),
                )
            case ast.For(iter=things, body=body) | ast.AsyncFor(iter=things, body=body):
                return False if self._hands_on(things) else self.through(body)
            case ast.Assign() | ast.AnnAssign(value=ast.expr()):
                more = [*self._aliases(statement.value)] if statement.value is not None else []
                if not more and self._hands_on(statement):
                    return False
                is_plain = isinstance(statement, ast.AnnAssign)
                self._give_names([statement.target] if is_plain else statement.targets, more)
            case _:
                return False if self._hands_on(statement) else None
        return None if self._ways else True

    def through(self, statements: Sequence[ast.stmt]) -> bool | None:
        for statement in statements[:_FAR]:
            answer = self.along(statement)
            if answer is not None:
                return answer
        return None

    def either(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> bool | None:
        """What comes of both sides of a condition, or of the one that is chosen at the target."""
        chosen = True if self._asks_for_it(test) else verdict(self._file, test)
        before, answers, after = self._ways, list[bool | None](), list[_Held]()
        for side, is_skipped in ((body, chosen is False), (orelse, chosen is True)):
            if not is_skipped:
                self._ways = [*before]
                answers.append(self.through(side))
                after += self._ways
        self._ways = [*dict.fromkeys(after)]
        if False in answers:
            return False
        return True if all(answers) else None

    def _asks_for_it(self, test: ast.expr) -> bool:
        """Whether a condition is whether a config has the field."""
        match test:
            case ast.Call(func=ast.Name(id="hasattr"), args=[owner, ast.Constant(value=text)]):
                return text == self._name and any(self._is_config(owner, w) for w in self._ways)
            case _:
                return False

    def _round(self, ways: list[_Held], ask: Callable[[], bool | None]) -> bool | None:
        """What comes of a loop in which the config goes by other names, too."""
        before = self._ways
        self._ways = [*before, *ways]
        answer = ask()
        self._ways = before
        return answer

    def _taken_out(self, target: ast.expr, things: ast.expr) -> list[_Held]:
        """How the config is asked for in the rounds of a loop through some things."""
        helds = dict.fromkeys(self._within(things))
        names = _picked(target, things, self._has)
        return [_Held((one,), held, False) for one in names for held in helds]

    def _give_names(
        self, targets: list[ast.expr], more: Iterable[tuple[tuple[str, ...], bool]]
    ) -> None:
        """Take in what an assignment gives another name, and leave out what goes by none any more."""
        more = [*more]
        for target in targets:
            parts = tuple(_parts(target) or ())
            if parts:
                self._ways = [way for way in self._ways if way.config[: len(parts)] != parts]
            for held, is_many in more:
                self._ways += _named(target, held, is_many)

    def _aliases(self, value: ast.expr) -> Iterator[tuple[tuple[str, ...], bool]]:
        """By what the config is had of a value that is it, holds it, or is a copy of that; and whether as one of many."""
        match value:
            case ast.Name() | ast.Attribute():
                parts = tuple(_parts(value) or ())
                for way in self._ways if parts else ():
                    if way.config[: len(parts)] == parts and len(parts) >= len(way.whole):
                        is_whole = parts == way.whole
                        yield way.config[len(parts) :], way.is_many and is_whole
            case ast.Call(args=[ast.expr() as copied]) if is_copied(value, copied):
                given = {word.arg for word in value.keywords}
                for held, is_many in self._aliases(copied):
                    if given.isdisjoint((*held, self._name)[:1]):
                        yield held, is_many
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                yield from ((held, True) for part in parts for held, _ in self._aliases(part))
            case ast.Dict(values=parts):
                yield from ((held, True) for part in parts for held, _ in self._aliases(part))
            case _:
                return

    def _has(self, things: ast.expr) -> bool:
        """Whether what a loop runs through are the configs, or has them beside other things."""
        return any(True for _ in self._within(things))

    def _within(self, things: ast.expr) -> Iterator[tuple[str, ...]]:
        """By what the config is had of each of the things that a loop runs through."""
        given: Sequence[ast.expr] = ()
        match things:
            case ast.Name() | ast.Attribute():
                parts = tuple(_parts(things) or ())
                for way in self._ways if parts else ():
                    if way.config[: len(parts)] == parts:
                        yield way.config[len(parts) :]
            case ast.Call(func=ast.Attribute(value=owner, attr="values" | "items")):
                given = [owner]
            case ast.Call(func=ast.Name(id=name), args=parts) if name in _RUNNING:
                given = parts
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                given = parts
            case ast.Starred(value=inner):
                given = [inner]
            case _:
                pass
        for part in given:
            yield from self._within(part)

    def _sets(self, statement: ast.stmt) -> bool:
        """Whether a statement sets the field, to what does not depend on the config."""
        if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
            return False
        for store in stored(self._program, self._name):
            if self._program.statement(store.node) is statement and any(
                self._is_config(store.owner, way) for way in self._ways
            ):
                value = getattr(statement, "value", None) if store.value is None else store.value
                return isinstance(statement, ast.Expr) or not self._hands_on(value)
        return False

    def _is_config(self, owner: ast.expr, way: _Held) -> bool:
        """Whether an expression is the config, or one of many that may be."""
        parts = _parts(owner, through_items=way.is_many)
        return parts is not None and tuple(parts) == way.config

    def _fills(self, statement: ast.stmt) -> bool:
        """Whether a statement sets fields whose names are worked out, and one of them may be this one."""
        if not isinstance(statement, ast.For | ast.Expr):
            return False
        return _may_be_named(self._program, self._name) and any(
            self._may_be_config(owner, statement)
            for node in walk(statement)
            if (owner := _filled(node)) is not None
        )

    def _may_be_config(self, owner: ast.expr, statement: ast.stmt) -> bool:
        parts = _parts(owner)
        if parts is not None and any(parts[0] == way.whole[0] for way in self._ways):
            return any(self._is_config(owner, way) for way in self._ways)
        roots = {way.whole[0] for way in self._ways}
        for node in walk(statement):
            # What a loop runs through, or takes out of it.
            match node:
                case (
                    ast.For(target=target, iter=value)
                    | ast.comprehension(target=target, iter=value)
                    | ast.Assign(targets=[target], value=value)
                ):
                    if _mentions(value, roots):
                        roots |= {one.id for one in walk(target) if isinstance(one, ast.Name)}
                case _:
                    pass
        return _mentions(owner, roots)

    def _hands_on(self, part: ast.AST | None) -> bool:
        """Whether a config, what holds it, or all of their fields go somewhere, as far as a name's use shows it."""
        return part is not None and any(
            self._goes_on(node, way)
            for node in walk(part)
            if isinstance(node, ast.Name)
            for way in self._ways
            if node.id == way.whole[0]
        )

    def _goes_on(self, node: ast.Name, way: _Held) -> bool:
        program, config = self._program, way.config
        path, whole, top = (node.id,), node, program.parents[node]
        while True:
            match top:
                case ast.Attribute(attr=attr, ctx=context):
                    path = (*path, attr)
                    if isinstance(context, ast.Store):
                        return (
                            False  # Another field is set, or the config goes by this name no more.
                        )
                case ast.Subscript(value=value, ctx=context) if (
                    value is whole and way.is_many and path == way.whole
                ):
                    if isinstance(context, ast.Store):
                        return False
                case _:
                    break
            whole, top = top, program.parents[top]
        if isinstance(node.ctx, ast.Store):
            return False
        common = min(len(path), len(config))
        if path[:common] != config[:common]:
            return False
        match top:
            case ast.comprehension(target=target) if top.iter is whole and way.is_many:
                names = {part.id for part in walk(target) if isinstance(part, ast.Name)}
                return any(
                    self._goes_on(part, _Held((part.id,), way.held, False))
                    for part in walk(program.parents[top])
                    if isinstance(part, ast.Name) and part.id in names
                )
            case ast.Call() if is_copied(top, whole):
                field = (*config, self._name)[len(path)] if len(path) <= len(config) else ""
                if is_given_anew(top, field):
                    self.is_given_anew = True
                    return False
            case ast.Call(func=ast.Name(id="setattr"), args=[_, _, _]):
                return path[: len(config)] != config
            case ast.Call(func=ast.Name(id=asked)) if asked in _ASKING_ABOUT:
                return False
            case _:
                pass
        if len(path) > len(config):
            asked = path[len(config)]
            is_called = isinstance(top, ast.Call) and top.func is whole
            return asked == self._name or is_called or asked.startswith("__")
        return True


_RUNNING = frozenset({"enumerate", "iter", "list", "reversed", "sorted", "tuple", "zip"})
"""What gives a loop what it is given."""

_ASKING_ABOUT = frozenset({"hasattr", "isinstance", "len", "type"})
"""What tells something of a config, and none of its fields."""


def _picked(target: ast.expr, things: ast.expr, has: Callable[[ast.expr], bool]) -> list[str]:
    """The names that stand in a loop for those of some things that are told."""
    targets = [target]
    match target, things:
        case ast.Tuple(elts=[_, second]), ast.Call(
            func=ast.Attribute(attr="items") | ast.Name(id="enumerate")
        ):
            targets = [second]
        case ast.Tuple(elts=parts), ast.Call(func=ast.Name(id="zip"), args=given):
            targets = [part for part, one in zip(parts, given, strict=False) if has(one)]
        case ast.Tuple(elts=parts), ast.List(elts=rows) | ast.Tuple(elts=rows):
            at = {
                index
                for row in rows
                for index, one in enumerate(getattr(row, "elts", ()))
                if has(one)
            }
            targets = [part for index, part in enumerate(parts) if index in at]
        case _:
            pass
    return sorted({node.id for t in targets for node in walk(t) if isinstance(node, ast.Name)})


def _filled(node: ast.AST) -> ast.expr | None:
    """That of which fields are set whose names are worked out: by ``setattr``, or in the object's dictionary."""
    match node:
        case ast.Call(args=[owner, name, _]) if callee_name(node) in ("setattr", "__setattr__"):
            return None if isinstance(name, ast.Constant) else owner
        case ast.Call(func=ast.Attribute(value=dictionary, attr="update")):
            return whose(dictionary)
        case ast.Subscript(value=dictionary, ctx=ast.Store()):
            return whose(dictionary)
        case _:
            return None


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(one, ast.Name) and one.id in names for one in walk(node))


def _parts(node: ast.expr, *, through_items: bool = False) -> list[str] | None:
    """The parts of a dotted name; also of what is picked out of it, with ``through_items``."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute(value=owner, attr=attr):
                parts.append(attr)
            case ast.Call(
                func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str() as attr)]
            ):
                parts.append(attr)
            case ast.Subscript(value=owner) if through_items:
                pass
            case ast.Name(id=name):
                return [*reversed([*parts, name])]
            case _:
                return None
        node = owner


def is_set_by_function(file: File, call: ast.Call, name: str) -> bool:
    """Whether what a call makes goes straight to a function of the file or its project that may set a field of it.

    ``harden(ParallelismConfig())``, ``config = Trainer.Config(parallelism=ParallelismConfig())`` and ``harden(config)``;
    or a class of the project's that has it, or is made, sets that field of its instances.

    Args:
        file: The file.
        call: What makes a config.
        name: The field.
    """
    program = file.program
    made: ast.AST = call
    takers: set[str] = set()
    field = ""
    if _is_set_by_class(file, call, name, ""):
        return True
    while isinstance(parent := program.parents[made], ast.keyword | ast.Call):
        if isinstance(parent, ast.keyword):
            field = parent.arg or ""
        elif parent.func is not made:
            takers.add(callee_name(parent))
            if _is_set_by_class(file, parent, name, field):
                return True
            field = ""
        made = parent
    uses: Sequence[ast.expr] = ()
    match program.parents[made]:
        case ast.Assign(targets=[ast.Name() as target]):
            uses = program.loads_from(target)[:_FAR]
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(), attr=attr)]):
            uses = [read for read in program.reads if read.attr == attr][:_FAR]
            function = program.function(call)
            if any(
                last_name(store.owner) in (field, attr) and program.function(store.node) != function
                for store in stored(program, name)
            ):
                return True
        case ast.Return() as statement if isinstance(
            maker := program.function(statement), ast.FunctionDef
        ):
            uses = program.called(maker.name)
            if uses and all(_is_of_its_own(file, use, name) for use in uses):
                return True
        case _:
            pass
    for use in uses:
        taker = program.taker(use)
        if taker is not None:
            takers.add(callee_name(taker))
    setting: list[ast.AST] = [one.node for one in stored(program, name)]
    if takers and _may_be_named(program, name):
        setting += (node for node in program.called("setattr", "update") if _filled(node))
    if any(getattr(program.function(node), "name", None) in takers for node in setting):
        return True
    readers = file.options.readers
    return bool(takers) and readers is not None and readers.put(name, takers)


def _is_of_its_own(file: File, made: ast.expr, name: str) -> bool:
    """Whether a field of what is made is set before anything reads it, there or in a copy."""
    taker = file.program.taker(made)
    if taker is not None and is_copied(taker, made):
        return not is_read_of_copy(file, taker, name)
    return is_set_first(file, made, name)


def _may_be_named(program: Program, name: str) -> bool:
    """Whether a name that is worked out may be this one: the file has it, in a dotted path perhaps."""
    return any(
        isinstance(node.value, str) and name in node.value.split(".")
        for node in program.of(ast.Constant)
    ) or any(node.arg == name for node in program.of(ast.keyword))


def _is_set_by_class(file: File, call: ast.Call, name: str, field: str) -> bool:
    """Whether a class of the project's sets a field of its instances, or of what a field of these holds."""
    for value in file.values(call.func):
        for cls, _ in file.resolver.written(value.info) if isinstance(value, LocalClass) else ():
            for node in walk(cls.node):
                owner = _owner_of_set(node, name)
                if owner is not None and (not field or last_name(owner) == field):
                    return True
    return False


def _owner_of_set(node: ast.AST, name: str) -> ast.expr | None:
    """Of what a field of a name is set, or may be."""
    match node:
        case ast.Attribute(value=owner, attr=attr, ctx=ast.Store()) if attr == name:
            return owner
        case ast.Call(args=[*_, owner, ast.Constant(value=text), _]) if (
            text == name and callee_name(node) in ("setattr", "__setattr__")
        ):
            return owner
        case _:
            return _filled(node)
