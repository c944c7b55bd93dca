"""What a file reads from the values of a dictionary of flavors."""

from __future__ import annotations

import ast
import functools

from titan_lint.api.entities import is_dunder
from titan_lint.code.following import follows
from titan_lint.code.forms import position, put_by_name
from titan_lint.code.values import Const, Item, Ref
from titan_lint.code.walk import walk
from titan_lint.structs import Struct
from titan_lint.uses.additions import is_put
from titan_lint.uses.conditions.old_only import works_as_meant
from titan_lint.uses.flavors.dictionaries import (
    are_mentioned,
    dictionary,
    holds_factories,
    of_expression,
)
from titan_lint.uses.guards import live
from titan_lint.uses.obligations import effects

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from titan_lint.api import Variable
    from titan_lint.code.names import Binding
    from titan_lint.code.values import Value
    from titan_lint.uses.file import File

_WRITING = frozenset({"update", "setdefault", "pop", "popitem", "clear", "__setitem__"})
# What they keep is found again under the name that it is given there, and nobody fills it in between.
_KEEPERS = frozenset({Ref("types.SimpleNamespace"), Ref("contextlib.nullcontext")})
# What takes a config, and what a function makes it raise; ``vars`` of a function is just empty.
_TAKING = {
    Ref("builtins.vars"): None,
    Ref("dataclasses.asdict"): TypeError,
    Ref("dataclasses.astuple"): TypeError,
    Ref("dataclasses.fields"): TypeError,
    Ref("dataclasses.replace"): TypeError,
    Ref("copy.replace"): TypeError,
}
_TAKING_NAMES = sorted({taking.path.rpartition(".")[2] for taking in _TAKING})
_LOOPS = (ast.For, ast.AsyncFor, ast.comprehension)
_REPEATING = (*_LOOPS, ast.While)
_PARTIAL_ATTRIBUTES = frozenset({"func", "args", "keywords"})


class Read(Struct, eq=False):
    """One attribute read from, or set on, what a dictionary of flavors holds, or what that is handed to.

    Attributes:
        node: The attribute, the call of ``getattr`` or ``hasattr``, or that of what takes a config.
        item: What it is read from.
        name: The attribute's name, or that of what takes a config; empty where it is not known.
        dictionaries: The dictionaries that it may come from.
        silent: Whether it goes on without an error.
        is_taken: Whether it is handed to what takes a config.
    """

    node: ast.Attribute | ast.Call
    item: ast.expr
    name: str
    dictionaries: tuple[Variable, ...]
    silent: bool
    is_taken: bool = False


class Items:
    """The values of dictionaries of flavors in one file at one target."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._variables: dict[tuple[Binding, ...], tuple[Variable, ...]] = {}

    def reads_of_factories(self) -> list[Read]:
        """Reads from functions that are used as configs, in order of the text.

        Of several reads from the same variable the first one stands for all.
        """
        if not are_mentioned(self.file.source.text):
            return []
        told: set[object] = set()
        found: list[Read] = []
        for read in sorted(self._reads(), key=lambda r: (r.node.lineno, r.node.col_offset)):
            same = self._variable(read.item)
            if same is not None and same in told:
                continue
            told.add(same)
            found.append(read)
        return found

    def all_reads(self) -> list[Read]:
        """Every read from, and store on, what such a dictionary holds."""
        return list(self._reads())

    def _reads(self) -> Iterator[Read]:
        for node in self.file.attributes:
            if is_dunder(node.attr) or node.attr in _PARTIAL_ATTRIBUTES:
                continue
            held = self._factories(node.value)
            if self._counts(held, node, node.value, AttributeError) and not (
                isinstance(node.ctx, ast.Load) and self._is_set(node, node.value, node.attr, held)
            ):
                yield Read(node, node.value, node.attr, held, not isinstance(node.ctx, ast.Load))
        for call in self.file.calls:
            match call:
                case ast.Call(
                    func=ast.Name(id="getattr" | "hasattr" as function), args=[item, name, *rest]
                ):
                    pass
                case _:
                    continue
            held = self._factories(item)
            text = str(name.value) if isinstance(name, ast.Constant) else ""
            is_silent = function == "hasattr" or bool(rest)
            if (
                self._counts(held, call, item, AttributeError)
                and not self._is_set(call, item, text, held)
                and not (is_silent and works_as_meant(self.file, call))
            ):
                yield Read(call, item, text, held, is_silent)
        yield from self._handed()

    def _handed(self) -> Iterator[Read]:
        """What is handed to a function that takes a config: ``vars``, ``dataclasses.asdict``."""
        for call in self.file.program.called(*_TAKING_NAMES):
            taking = self.file.sole(call.func)
            if not isinstance(taking, Ref) or taking not in _TAKING or not call.args:
                continue
            failure, item = _TAKING[taking], call.args[0]
            held = self._factories(item)
            if self._counts(held, call, item, *(() if failure is None else (failure,))):
                name = taking.path.rpartition(".")[2]
                yield Read(call, item, name, held, silent=failure is None, is_taken=True)

    def _is_set(self, read: ast.expr, item: ast.expr, name: str, held: Sequence[Variable]) -> bool:
        """Whether the file sets the member on the same function before, or may do so: there it is found again."""
        return any(
            self._may_be_same(item, owner, held) and not self._comes_before(read, by)
            for by, owner in self._put.get(name, ())
        )

    def _may_be_same(self, item: ast.expr, other: ast.expr, held: Sequence[Variable]) -> bool:
        mine, others = self.file.values(item), self.file.values(other)
        if all(isinstance(value, Item) for value in (*mine, *others)) and mine and others:
            return any(
                isinstance(one, Item)
                and isinstance(two, Item)
                and one.owner == two.owner
                and (one.key is None or two.key is None or one.key == two.key)
                for one in mine
                for two in others
            )
        paths = {variable.path for variable in held}
        return any(variable.path in paths for variable in self._factories(other))

    def _comes_before(self, node: ast.expr, later: ast.expr) -> bool:
        """Whether something surely runs before something else: it stands above it in a function, and in no loop."""
        program = self.file.program
        function = program.function(node)
        if function is not program.function(later) or position(node) >= position(later):
            return False
        return not any(isinstance(one, _REPEATING) for one in program.ancestors(node))

    @functools.cached_property
    def _put(self) -> dict[str, list[tuple[ast.expr, ast.expr]]]:
        """What sets members of something, each with the owner, by the name."""
        found: dict[str, list[tuple[ast.expr, ast.expr]]] = {}
        for node in self.file.attributes:
            if isinstance(node.ctx, ast.Store):
                found.setdefault(node.attr, []).append((node, node.value))
        for call in self.file.program.called("setattr"):
            put = put_by_name(call)
            if put is not None and put[1] is not None:
                found.setdefault(put[1], []).append((call, put[0]))
        return found

    def _counts(
        self,
        held: Sequence[Variable],
        node: ast.AST,
        item: ast.expr,
        *failures: type[Exception],
    ) -> bool:
        return (
            bool(held)
            and live(self.file, node, *failures)
            and not self._is_tested(node, item)
            and not is_put(self.file, node, *(variable.path for variable in held))
        )

    def _is_tested(self, node: ast.AST, item: ast.expr) -> bool:
        """Whether the code around also sees to it that the value may be a function."""
        shown = ast.dump(item)
        around = self.file.program.function(node) or self.file.tree
        return any(
            isinstance(part, ast.Call)
            and (
                (
                    isinstance(part.func, ast.Name)
                    and part.func.id in {"callable", "isinstance"}
                    and bool(part.args)
                    and ast.dump(part.args[0]) == shown
                )
                or ast.dump(part.func) == shown
            )
            for part in walk(around)
        )

    def _variable(self, item: ast.expr) -> object:
        """What stands for a variable: its bindings, ``None`` for other expressions."""
        if isinstance(item, ast.Name):
            return frozenset(self.file.program.bindings.of(item))
        return None

    def _is_own(self, item: Item) -> bool:
        """Whether the project may have put an item there itself: what it holds is its own business."""
        if isinstance(item.owner, Ref) and self.file.is_filled(item.owner.path, item.key):
            return True
        for owner, key in self._written:
            if owner == item.owner and (key is None or item.key is None or key == item.key):
                return True
        return False

    @functools.cached_property
    def _written(self) -> list[tuple[Value, str | None]]:
        """What the file puts into dictionaries: each with the key, where that is known."""
        found: list[tuple[Value, str | None]] = []
        harmless = self.file.once(effects).is_harmless
        for node in self.file.program.bindings.items:
            if not isinstance(node.ctx, ast.Load):
                key = self.file.sole(node.slice)
                known = str(key.value) if isinstance(key, Const) else None
                found += [(value, known) for value in self.file.values(node.value)]
        for node in self.file.program.of(ast.Call, ast.AugAssign):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _WRITING:
                    found += [(value, None) for value in self.file.values(owner)]
                case ast.Call() if not harmless(node) and self.file.sole(node.func) not in _KEEPERS:
                    given = [*node.args, *(keyword.value for keyword in node.keywords)]
                    found += [(value, None) for one in given for value in self.file.values(one)]
                case ast.AugAssign(target=ast.Name() | ast.Attribute() as owner):
                    found += [(value, None) for value in self.file.resolver.values(owner)]
                case _:
                    pass
        return found

    def _factories(self, node: ast.expr) -> tuple[Variable, ...]:
        """The dictionaries that an expression is a value of, where they hold functions only."""
        surface = self.file.target.surface
        values = self.file.values(node)
        if values and all(isinstance(v, Item) and isinstance(v.owner, Ref) for v in values):
            held: list[Variable] = []
            for value in values:
                assert isinstance(value, Item)
                assert isinstance(value.owner, Ref)
                found = dictionary(surface, value.owner.path)
                key = value.key if found is not None and value.key in found.items else None
                if found is None or not holds_factories(surface, found, key):
                    return ()
                if self._is_own(value):
                    return ()
                held.append(found)
            return tuple(held)
        return self._taken(node)

    def _taken(self, node: ast.expr) -> tuple[Variable, ...]:
        """As :meth:`_factories`, for what is taken out of a dictionary that was searched for."""
        if not isinstance(node, ast.Name):
            return self._taken_out(node)
        bindings = tuple(self.file.program.bindings.of(node))
        held = self._variables.get(bindings)
        if held is None:
            held = self._variables[bindings] = self._taken_out(node)
        return held

    @follows(())
    def _taken_out(self, node: ast.expr) -> tuple[Variable, ...]:
        match node:
            case (
                ast.Subscript(value=owner) | ast.Call(func=ast.Attribute(value=owner, attr="get"))
            ) if not isinstance(owner, ast.Constant):
                return self._all_factories(owner)
            case ast.Name():
                found: list[Variable] = []
                for binding in self.file.program.bindings.of(node):
                    held = self._elements.get(binding.node, ())
                    if not held and isinstance(binding.value, ast.Name | ast.Subscript | ast.Call):
                        held = self._taken_out(binding.value)
                    if not held:
                        return ()
                    found += held
                return tuple({held.path: held for held in found}.values())
            case _:
                return ()

    def _all_factories(self, owner: ast.expr) -> tuple[Variable, ...]:
        found = of_expression(self.file, owner)
        if any(self.file.is_filled(held.path) for held in found):
            return ()
        surface = self.file.target.surface
        return found if all(holds_factories(surface, held) for held in found) else ()

    @functools.cached_property
    def _elements(self) -> dict[ast.AST, tuple[Variable, ...]]:
        """Loop variables that run through the values of a dictionary of flavors."""
        found: dict[ast.AST, tuple[Variable, ...]] = {}
        for node in self.file.program.of(*_LOOPS):
            match node.iter, node.target:
                case (
                    ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]),
                    ast.Tuple(elts=[_, ast.Name() as variable]),
                ):
                    pass
                case (
                    ast.Call(func=ast.Attribute(value=owner, attr="values"), args=[]),
                    ast.Name() as variable,
                ):
                    pass
                case _:
                    continue
            held = self._all_factories(owner)
            if held:
                found[variable] = held
        return found
