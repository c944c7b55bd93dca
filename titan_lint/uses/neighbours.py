"""What the other files of a project do to torchtitan that shows in this one.

Plugins put functions of their own in the place of torchtitan's: after
``context_parallel.apply_cp_to_attention_module = ours`` every other file calls ``ours``, whatever its
imports say. And they bring models, whose configs go wherever torchtitan declares that of a model.
"""

from __future__ import annotations

import ast
from functools import cached_property, lru_cache

from titan_lint.api import Class
from titan_lint.code.fallback import is_fallback
from titan_lint.code.following import bound_value
from titan_lint.code.forms import (
    ADDING,
    callee_name,
    is_known,
    is_torchtitans,
    keys_put,
    last_name,
    puts_items,
)
from titan_lint.code.names import Kind
from titan_lint.code.source import SourceError
from titan_lint.code.stores import CREATING, HOOKS, names_on_first, set_on_first, stores, whose
from titan_lint.code.walk import walk
from titan_lint.structs import Struct, replace
from titan_lint.uses.asking import asking, ending, refusing
from titan_lint.uses.era import dotted_path, uses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from titan_lint.api import Surface
    from titan_lint.code.names import Binding
    from titan_lint.code.program import Program
    from titan_lint.uses.asking import Refusal
    from titan_lint.uses.era import Use


class Put(Struct):
    """Something of the project's in a place of torchtitan's, for good.

    Attributes:
        path: The place.
        by: The path of the file that does it, from the project's folder on, as a dotted name.
        after: The modules that are certainly imported before it is put there.
    """

    path: str
    by: str = ""
    after: frozenset[str] = frozenset()

    def comes_after(self, module: str, imported: Iterable[str]) -> bool:
        """Whether it is put there only once a module, with what that imports first, has been imported."""
        # Imports in a circle let the one go on before the other is through.
        return any(_is_module(module, name) for name in self.after) and not any(
            f".{name}." in f".{self.by}." for name in imported
        )


class Said(Struct):
    """What files of a project say about torchtitan.

    Attributes:
        uses: What they use of it, by path.
        replaced: What they put into it.
        configured: The names in their own configs.
        filled: The dictionaries of flavors that they put something into, or may do so, each with the key;
            ``None`` where that is not known.
        read: The paths into it that they ask for, wherever.
        stubbed: The paths into it that they put something at, for good or for a test, whether anything is
            there or not; ``*`` for any name.
        brought: The paths into it that they put something at where nothing is, and only there.
        asking: The names that they bind by asking it for its shape.
        ending: The names of functions, classes and modules of theirs that may end all.
        refusing: What may keep tests from running, each with the folder of the ``conftest.py``, as a dotted name.
        lent: The paths into it that they put something at for tests, whether anything is there or not.
        lent_flavors: As ``filled``, for tests.
    """

    uses: Mapping[str, Sequence[Use]]
    replaced: tuple[Put, ...]
    configured: frozenset[str]
    filled: tuple[tuple[str, str | None], ...] = ()
    read: frozenset[str] = frozenset()
    stubbed: frozenset[str] = frozenset()
    brought: tuple[str, ...] = ()
    asking: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()
    refusing: tuple[tuple[str, Refusal], ...] = ()
    lent: tuple[str, ...] = ()
    lent_flavors: tuple[tuple[str, str | None], ...] = ()


def said(files: Iterable[tuple[Program, bool, str]]) -> Said:
    """Gather what files say.

    Args:
        files: Each file, whether it is a test (these put back what they replace), and its path from the
            project's folder on, as a dotted name.
    """
    used: dict[str, Sequence[Use]] = {}
    replaced: list[Put] = []
    brought: list[str] = []
    configured: set[str] = set()
    filled: list[tuple[str, str | None]] = []
    read: set[str] = set()
    stubbed: set[str] = set()
    names: set[str] = set()
    ends: set[str] = set()
    refused: list[tuple[str, Refusal]] = []
    lent: dict[str, None] = {}
    lent_flavors: list[tuple[str, str | None]] = []
    for program, is_test, module in files:
        try:
            mine = program.once(_said)
        except SourceError:
            # What is nested too deeply to be followed says nothing.
            continue
        used.update(mine.uses)
        read |= mine.read
        stubbed |= mine.stubbed
        names |= mine.asking
        ends |= mine.ending
        refused += [(module.rpartition(".")[0], refusal) for _, refusal in mine.refusing]
        if not _is_of_tests_alone(module):
            lent.update(dict.fromkeys(mine.lent))
            lent_flavors += mine.filled
        if not is_test:
            replaced += [Put(put.path, module, put.after) for put in mine.replaced]
            brought += mine.brought
            configured |= mine.configured
            filled += mine.filled
    return Said(
        used,
        tuple(replaced),
        frozenset(configured),
        tuple(filled),
        frozenset(read),
        frozenset(stubbed),
        tuple(brought),
        frozenset(names),
        frozenset(ends),
        tuple(refused),
        tuple(lent),
        tuple(lent_flavors),
    )


def _is_of_tests_alone(module: str) -> bool:
    """Whether a file holds tests by its name, and not what tests share."""
    name = module.rpartition(".")[2]
    return name.startswith("test_") or name.endswith("_test")


def with_package(known: Said, files: Iterable[str]) -> Said:
    """What a project says that has files of a package ``torchtitan`` of its own, which is no torchtitan: stubs, an overlay.

    Its modules take the place of torchtitan's, or come beside them.

    Args:
        known: What the files of the project say.
        files: Their paths from the project's folder on, or that of a file ``torchtitan.py``, which takes the place of all.
    """
    files = [path.replace("\\", "/") for path in files]
    if any(path.rpartition("/")[2] == "torchtitan.py" for path in files):
        return replace(known, brought=(*known.brought, f"torchtitan.{_EVERY}"))
    own = dict(sorted(_own_package(files)))
    if not own:
        return known
    here = {path for path, is_test in own.items() if not is_test}
    # A package of the same name leaves to torchtitan's what it has not itself.
    modules = {path for path in here if not any(one.startswith(f"{path}.") for one in own)}
    return replace(
        known,
        replaced=(*known.replaced, *(Put(path) for path in sorted(modules))),
        brought=(*known.brought, *sorted(here)),
        stubbed=known.stubbed.union(own),
    )


def _own_package(files: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The modules of torchtitan's that are files of packages of that name, each with whether it lies with tests.

    A folder of that name that only holds programs is none, nor one in a package of another name.
    """
    held: dict[str, list[tuple[str, str]]] = {}
    packages: set[str] = set()
    for path in files:
        folder, _, name = path.rpartition("/")
        if name == "__init__.py":
            packages.add(folder)
        before, found, inner = f"/{path}".rpartition("/torchtitan/")
        if found:
            held.setdefault(before[1:], []).append((inner, path))
    for before, inside in held.items():
        if before in packages or not any(
            inner == "__init__.py" or inner.partition("/")[0] in _PARTS for inner, _ in inside
        ):
            continue
        for inner, path in inside:
            module = dotted_module(f"torchtitan/{inner}")
            while "." in module:
                yield module, is_test(path)
                module = module.rpartition(".")[0]


_PARTS = frozenset({"components", "config", "distributed", "experiments", "models", "tools"})
"""Packages of torchtitan's."""


def _said(program: Program) -> Said:
    """What a file says, wherever it lies.

    Raises:
        SourceError: It is nested too deeply to be followed.
    """
    path, configured = program.source.path, frozenset(_configured(program))
    if not program.mentions_torchtitan:
        return Said({path: ()}, (), configured)
    assigned = list(_assigned(program))
    return Said(
        {path: uses(program)},
        tuple(
            # What `mock.patch` puts there is taken away again.
            Put(put, after=frozenset(_imported_before(program, node)))
            for put, node, is_brought in assigned
            if not is_brought
        ),
        configured,
        tuple(flavors_filled(program)),
        frozenset(read_paths(program)),
        frozenset(_stubbed(program)),
        tuple(put for put, _, is_brought in assigned if is_brought),
        asking(program),
        ending(program),
        tuple(("", refusal) for refusal in refusing(program)) if _is_conftest(path) else (),
        tuple(_lent(program)),
    )


def _lent(program: Program) -> Iterator[str]:
    """The paths that a file puts something at, whether anything is there or not, for as long as a test runs."""
    yield from _put_anyway(program)
    yield from _modules_given(program)
    if _is_conftest(program.source.path):
        # It stays there for all tests, but for what a fixture takes back.
        for put, node, _ in _assigned(program):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                yield put


def _is_conftest(path: str) -> bool:
    return path.replace("\\", "/").rpartition("/")[2] == "conftest.py"


class Neighbours:
    """The files of a project, read when they are first asked about.

    Args:
        find: Gives what they say.
        module: The path of the file in hand, from the project's folder on, as a dotted name.

    Attributes:
        is_consulted: Whether anybody has asked yet.
    """

    def __init__(self, find: Callable[[], Said], module: str = "") -> None:
        self.is_consulted = False
        self._find = find
        self._module = module

    @cached_property
    def _replaced(self) -> frozenset[str]:
        return frozenset(put.path for put in self._find().replaced)

    @cached_property
    def _is_test(self) -> bool:
        return is_test(f"{self._module.replace('.', '/')}.py")

    def configure(self, name: str) -> bool:
        """Whether a config of the project's own has a member of that name."""
        self.is_consulted = True
        return name in self._find().configured

    def read(self, path: str) -> bool:
        """Whether a file of the project asks for what stands at a path."""
        self.is_consulted = True
        return path in self._find().read

    def ask(self, name: str) -> bool:
        """Whether a file of the project binds a name by asking torchtitan for its shape.

        Whoever imports the name may have it from another file, which hands it on.
        """
        self.is_consulted = True
        return name in self._find().asking

    def end(self, name: str) -> bool:
        """Whether a function, class or module of a name may end all where it is called or imported, in a file about torchtitan."""
        self.is_consulted = True
        return name in self._find().ending

    def refuse(self, fixtures: Iterable[str], *, whole: bool = False) -> bool:
        """Whether a ``conftest.py`` above the file may keep a test from running, as torchtitan answers.

        Args:
            fixtures: The fixtures that the test asks for.
            whole: Whether it is asked of the whole file, which is not even imported then.
        """
        self.is_consulted = True
        asked = {"", *fixtures}
        return any(
            refusal.whole if whole else refusal.fixture in asked
            for folder, refusal in self._find().refusing
            if not folder or self._module.startswith(f"{folder}.")
        )

    @property
    def paths(self) -> frozenset[str]:
        """All paths into torchtitan that files of the project ask for."""
        self.is_consulted = True
        return self._find().read

    def stub(self, path: str) -> bool:
        """Whether a file of the project may put something in the place of a module, or of what holds it."""
        self.is_consulted = True
        stubbed = self._find().stubbed
        return any(
            not stubbed.isdisjoint((holder, f"{holder.rpartition('.')[0]}.*"))
            for holder in _holders(path)
        )

    def replace(
        self,
        surface: Surface,
        paths: Iterable[str],
        imported: Iterable[str] | None = None,
        *,
        others: bool = False,
    ) -> bool:
        """Whether one of some paths, or what holds it, may be something of the project's.

        Args:
            surface: The torchtitan that tells which paths lead to the same thing.
            paths: Dotted paths, such as ``torchtitan.trainer.Trainer.close``.
            imported: What the file in hand has imported by then, where its own import asks.
            others: Whether only what other files put there counts.
        """
        self.is_consulted = True
        replaced = self._replaced
        if others and replaced:
            replaced = frozenset(
                put.path for put in self._find().replaced if put.by != self._module
            )
        if imported is not None and replaced:
            replaced = frozenset(
                put.path
                for put in self._find().replaced
                if not put.comes_after(self._module, imported)
            )
        brought = self._find().brought
        if self._is_test:
            brought += self._find().lent
        same = _put_at(surface, replaced, self._replaced, brought)
        return bool(same) and any(
            holder in same
            or f"{holder.rpartition('.')[0]}.{_EVERY}" in same
            or (
                _is_of_instance(surface, holder)
                and f"{holder.rpartition('.')[0]}.{_LACKING}" in same
            )
            for path in paths
            for one in (path, _meant(surface, path), *_inherited(surface, path))
            for holder in _holders(one)
        )

    def fill(self, surface: Surface, path: str, key: str | None) -> bool:
        """Whether the project may put something of its own into a dictionary, under one key or any.

        Args:
            surface: The torchtitan that tells which paths lead to the same thing.
            path: The dictionary, such as ``torchtitan.models.llama3.llama3_configs``.
            key: The key; ``None`` for any.
        """
        self.is_consulted = True
        lent = self._find().lent_flavors if self._is_test else ()
        return is_filled(surface, (*self._find().filled, *lent), path, key)


def is_filled(
    surface: Surface, filled: Iterable[tuple[str, str | None]], path: str, key: str | None
) -> bool:
    """Whether something of one's own is put into a dictionary, under one key or any; see :meth:`Neighbours.fill`."""
    wanted = surface.resolve(path) or path
    return any(
        (surface.resolve(other) or other) == wanted and (key is None or put in (None, key))
        for other, put in filled
    )


@lru_cache(maxsize=256)
def _put_at(
    surface: Surface, replaced: frozenset[str], known: frozenset[str], brought: tuple[str, ...]
) -> frozenset[str]:
    """The paths that lead to what a project puts there at a torchtitan.

    Args:
        surface: The torchtitan.
        replaced: The paths that the project may put something in the place of.
        known: All such paths, from whichever file they are looked at.
        brought: The paths that it puts something at where there is nothing.
    """
    # Nothing is put into a module that the target does not have.
    put = {
        path
        for path in replaced
        if (holder := path.rpartition(".")[0]) in known or surface.lookup(holder) is not None
    }
    # A module that gets what it is told by names gets its own things anew for the most part.
    put = {p for p in put if not p.endswith(f".{_EVERY}") or _is_class(surface, p[:-2])}
    put |= {path for path in brought if surface.lookup(path) is None}
    return frozenset({_meant(surface, path) for path in put} | put)


def _is_of_instance(surface: Surface, path: str) -> bool:
    """Whether a path is that of an attribute which only an instance may have: no class that stands in another one."""
    return not path.rpartition(".")[2][:1].isupper() and surface.lookup(path) is None


def _is_class(surface: Surface, path: str) -> bool:
    return isinstance(surface.lookup(path), Class)


def _meant(surface: Surface, path: str) -> str:
    """Where what is asked for at a path stands; what a class lacks, or has of ``object`` alone, is put on that class."""
    found = surface.resolve(path)
    if found is None or found.startswith("object."):
        owner, _, name = path.rpartition(".")
        return f"{surface.resolve(owner) or owner}.{name}"
    return found


def _inherited(surface: Surface, path: str) -> list[str]:
    """The paths at which a class that lacks a member would have it from its bases, or one that derives from it has it."""
    owner, _, name = path.rpartition(".")
    cls = surface.lookup(owner) if surface.lookup(path) is None else None
    if not isinstance(cls, Class):
        return []
    return [f"{base.path}.{name}" for base in (*cls.mro, *surface.derived(cls.path))]


def _holders(path: str) -> Iterator[str]:
    """A path and all that it leads through, the package left out."""
    while "." in path:
        yield path
        path = path.rpartition(".")[0]


def _assigned(program: Program) -> Iterator[tuple[str, ast.expr, bool]]:
    """The paths that a file assigns to, with the syntax that does it, and whether only where nothing is."""
    owners = program.once(_Owners)
    for node in program.bindings.attributes:
        if isinstance(node.ctx, ast.Store):
            for owner in sorted(owners.of(node.value)):
                fallback = is_fallback(program, node, node.value, node.attr)
                yield f"{owner}.{node.attr}", node, fallback
    for call in program.bindings.calls:
        match call:
            case ast.Call(
                func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str() as name), _]
            ):
                for path in sorted(owners.of(owner)):
                    yield f"{path}.{name}", call, is_fallback(program, call, owner, name)
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, named, _]):
                for path in sorted(owners.of(owner)):
                    yield f"{path}.{_EVERY}", call, False
                    # What is there already may be put there once more.
                    is_had = callee_name(call.args[2]) == "getattr"
                    for name in _texts_of(program, named):
                        yield f"{path}.{name}", call, is_had or not _is_listed(program, named)
            case _:
                pass
    for item in program.bindings.items:
        match item:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id="sys"), attr="modules"),
                slice=ast.Constant(value=str() as path),
                ctx=ast.Store(),
            ) if path.startswith("torchtitan."):
                yield path, item, False
            case _:
                pass
    for store in stores(program):
        if not isinstance(store.node, ast.Attribute) and not store.is_assigned:
            for path in sorted(owners.of(store.owner)):
                yield f"{path}.{store.name}", store.node, False
        classes = [path for path in sorted(owners.of(store.owner)) if _names_class(path)]
        if not classes:
            continue
        may_set = store.name in CREATING and names_on_first(program, store.value) is None
        for owner in classes:
            if may_set or store.name in HOOKS:
                yield f"{owner}.{_LACKING}", store.node, False
            else:
                for put in set_on_first(program, store.value):
                    yield f"{owner}.{put.name}", put.node, False
    for path, node in _modules_given(program).items():
        yield path, node, True
    for owner, call in _handed_over(program):
        yield f"{owner}.{_LACKING}", call, False


def _texts_of(program: Program, name: ast.expr) -> Iterator[str]:
    """The texts that a loop runs through, or has as keys, where a name is one of them."""
    for binding in program.bindings.of(name) if isinstance(name, ast.Name) else ():
        value = binding.value if binding.whole is None else binding.whole.value
        for part in walk(value) if value is not None else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


def _is_listed(program: Program, name: ast.expr) -> bool:
    """Whether a name stands for each of some texts that are written out, and for nothing else."""
    bound = program.bindings.of(name) if isinstance(name, ast.Name) else []
    return bool(bound) and all(
        binding.whole is None
        and isinstance(binding.value, ast.Tuple | ast.List | ast.Set)
        and all(isinstance(part, ast.Constant) for part in binding.value.elts)
        for binding in bound
    )


def _modules_given(program: Program) -> dict[str, ast.expr]:
    """The modules of torchtitan's that a file names, where it puts modules under names that are worked out, or many."""
    by: ast.expr | None = None
    for item in program.bindings.items:
        if _is_modules(item.value) and isinstance(item.ctx, ast.Store):
            by = item if not isinstance(item.slice, ast.Constant) else by
    for call in program.called("setdefault", "update", "__setitem__"):
        if isinstance(call.func, ast.Attribute) and _is_modules(call.func.value):
            by = call
    if by is None:
        return {}
    return {
        node.value: by
        for node in program.of(ast.Constant)
        if isinstance(node.value, str) and node.value.startswith("torchtitan.")
    }


def _is_modules(node: ast.expr) -> bool:
    return last_name(node) == "modules"


def _names_class(path: str) -> bool:
    return path.rpartition(".")[2][:1].isupper()


class _Owners:
    """What is meant in one file where something is put on it: the import paths that it may have.

    That is torchtitan's own name, another one for it, what a loop runs through, and what calls of a function in the
    file hand over to it.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[Binding, frozenset[str]] = {}

    def of(self, owner: ast.expr) -> frozenset[str]:
        """The paths of what is meant by an expression."""
        path = dotted_path(self._program, owner)
        if path is not None:
            return frozenset({path})
        match owner:
            case ast.Name():
                bindings = self._program.bindings.of(owner)
                return _union(map(self._bound, bindings)) if bindings else _NOTHING
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return _union(map(self.of, parts))
            case ast.Dict(keys=keys, values=values):
                return _union(self.of(part) for part in (*keys, *values) if part is not None)
            case (
                ast.Starred(value=inner)
                | ast.Call(
                    func=ast.Attribute(value=inner, attr="items" | "values" | "keys"), args=[]
                )
                | ast.Call(func=ast.Name(id="list" | "tuple" | "reversed"), args=[inner])
            ):
                return self.of(inner)
            case ast.IfExp(body=body, orelse=orelse):
                return self.of(body) | self.of(orelse)
            case ast.Attribute(value=inner, attr=name):
                return frozenset(f"{path}.{name}" for path in self.of(inner))
            case ast.Call(args=[ast.Constant(value=str() as path)]) if callee_name(
                owner
            ) == "import_module" and is_torchtitans(path):
                return frozenset({path})
            case _:
                return _NOTHING

    def _bound(self, binding: Binding) -> frozenset[str]:
        if binding not in self._known:
            self._known[binding] = _NOTHING  # Who leads back to itself adds nothing.
            value = binding.value if binding.whole is None else binding.whole.value
            if binding.kind is Kind.PARAMETER:
                self._known[binding] = _union(map(self.of, self._given(binding)))
            elif value is not None:
                self._known[binding] = self.of(value)
        return self._known[binding]

    def _given(self, binding: Binding) -> Iterator[ast.expr]:
        """What calls by a function's name give a parameter of it."""
        function, at = binding.function, binding.index
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or at < 0:
            return
        # A method has its first argument from what it is called of.
        places = (at, at - 1) if function in self._program.bindings.owners else (at,)
        name = getattr(binding.node, "arg", "")
        for call in self._program.called(function.name):
            yield from (word.value for word in call.keywords if word.arg == name)
            yield from (call.args[place] for place in places if 0 <= place < len(call.args))


_NOTHING = frozenset[str]()


def _union(found: Iterable[frozenset[str]]) -> frozenset[str]:
    return _NOTHING.union(*found)


def _handed_over(program: Program) -> Iterator[tuple[str, ast.expr]]:
    """The classes that a file hands to a function of another file for what that does to them: ``on_device(Trainer)``."""
    for call in program.bindings.calls:
        parent = program.parents[call]
        if not isinstance(parent, ast.Expr) or not call.args:
            continue
        called = call.func
        while isinstance(called, ast.Attribute):
            called = called.value
        made = program.bindings.of(called) if isinstance(called, ast.Name) else []
        if not any(one.kind in (Kind.IMPORT, Kind.FROM) and not is_known(one.path) for one in made):
            continue
        for given in call.args:
            for path in sorted(program.once(_Owners).of(given)):
                if _names_class(path):
                    yield path, call


def _imported_before(program: Program, node: ast.expr) -> Iterator[str]:
    """The modules outside torchtitan that are certainly imported when a statement is reached.

    Those of the imports before it in its block and in the blocks around it. Packages that hold a module
    are imported with it. An import that fails ends all this, unless a ``try`` takes it.
    """
    statement: ast.AST = program.statement(node)
    while statement is not program.tree:
        parent = program.parents[statement]
        for block in _blocks(parent):
            at = next((at for at, one in enumerate(block) if one is statement), 0)
            for before in block[:at]:
                yield from _modules_of(before)
        if isinstance(parent, ast.Try | ast.TryStar):
            return
        statement = parent


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _modules_of(statement: ast.stmt) -> Iterator[str]:
    """The modules outside torchtitan that a statement imports, and the packages that hold them."""
    named: list[str] = []
    match statement:
        case ast.Import(names=names):
            named += [alias.name for alias in names]
        case ast.ImportFrom(level=0, module=str() as module, names=names):
            named += [module]
        case _:
            pass
    for name in named:
        if name.partition(".")[0] != "torchtitan":
            while name:
                yield name
                name = name.rpartition(".")[0]


def dotted_module(path: str) -> str:
    """A file's path as the name of a module, which is that of its folder for an ``__init__``."""
    *folders, name = path.removesuffix(".py").replace("\\", "/").split("/")
    return ".".join(folders if name == "__init__" else [*folders, name])


def is_test(path: str) -> bool:
    """Whether a file holds tests, told by its path in the project's folder."""
    *folders, name = path.replace("\\", "/").split("/")
    return (
        not {"test", "tests"}.isdisjoint(folders)
        or name.startswith(("test_", "conftest."))
        or name.endswith("_test.py")
    )


def _is_module(module: str, imported: str) -> bool:
    """Whether an import means the module at a path from the project's folder on: ``src.pkg.a`` by ``pkg.a``."""
    return module == imported or ("." in imported and module.endswith(f".{imported}"))


def _stubbed(program: Program) -> Iterator[str]:
    """The paths of torchtitan's that a file puts something at, whether anything is there or not, or may do so."""
    yield from _put_anyway(program)
    if not (
        any(node.attr == "modules" for node in program.of(ast.Attribute))
        or any(node.value == "sys.modules" for node in program.of(ast.Constant))
    ):
        return
    for node in program.of(ast.Dict, ast.Subscript, ast.Call, ast.List, ast.Tuple, ast.Set):
        match node:
            # Names that a loop goes over, and pairs that a dictionary is made of, too.
            case ast.Dict(keys=found) | ast.List(elts=found) | ast.Tuple(elts=found):
                pass
            case ast.Subscript(slice=key, ctx=ast.Store() | ast.Del()):
                found = [key]
            case ast.Set(elts=found):
                pass
            case ast.Call(args=found) if last_name(node.func) in _FILLING | SETTING:
                pass
            case _:
                continue
        for key in found:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                if key.value.startswith("torchtitan."):
                    yield key.value


def _put_anyway(program: Program) -> Iterator[str]:
    """What calls put somewhere by a name that is worked out, or though it may be missing; ``*`` for any name."""
    for call in program.called("setattr", "patch", "object", "multiple"):
        is_lenient = any(word.arg in _LENIENT for word in call.keywords)
        match call.args:
            case [ast.Constant(value=str() as path), *_] if is_lenient:
                yield f"{path}.*" if last_name(call.func) == "multiple" else path
            case [owner, name, *_] if is_lenient or not isinstance(name, ast.Constant):
                path = dotted_path(program, owner)
                if path is not None:
                    yield f"{path}.{name.value if isinstance(name, ast.Constant) else '*'}"
            case _:
                pass


_LACKING = "?"
"""In the place of a member, any that a class lacks: what makes instances sets it, or is asked for it."""

_EVERY = "*"
"""In the place of a name that is worked out."""

_LENIENT = frozenset({"create", "raising"})


def flavors_filled(program: Program) -> Iterator[tuple[str, str | None]]:
    """The dictionaries of flavors that a file puts something into, or hands on to who may do so."""
    if "_configs" not in program.source.text and "_args" not in program.source.text:
        return
    for item in program.bindings.items:
        path = None if isinstance(item.ctx, ast.Load) else _flavors(program, item.value)
        if path is not None:
            key = item.slice
            key = bound_value(program, key) if isinstance(key, ast.Name) else key
            text = key.value if isinstance(key, ast.Constant) else None
            yield path, text if isinstance(text, str) else None
    for call in program.bindings.calls:
        owners = [*call.args, *(keyword.value for keyword in call.keywords)]
        if last_name(call.func) in _KEEPING:
            continue
        if isinstance(call.func, ast.Attribute):
            is_method = call.func.attr in ADDING
            sole = [call.func.value] if is_method else owners[:1] if puts_items(call) else []
            for path in filter(None, (_flavors(program, owner) for owner in sole)):
                yield from ((path, key) for key in keys_put(call))
            owners = [owner for owner in owners if owner not in sole]
        elif last_name(call.func) in _HARMLESS:
            continue
        for owner in owners:
            path = _flavors(program, owner)
            if path is not None:
                yield path, None
    for node in program.of(ast.AugAssign):
        path = _flavors(program, node.target)
        if path is not None:
            yield path, None


def _flavors(program: Program, node: ast.expr) -> str | None:
    """The path of a dictionary of flavors, where an expression names one; ``model_args`` for that of a spec."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        # Bound anew, it is what it was before, too.
        bindings = program.bindings.module.bindings.get(node.id, ())
        paths = [f"{b.path}.{b.member}" for b in bindings if b.kind is Kind.FROM]
        path = next((path for path in paths if path.startswith("torchtitan.")), None)
    elif isinstance(node, ast.Name | ast.Attribute):
        path = dotted_path(program, node)
        if path is None and isinstance(node, ast.Attribute) and node.attr == "model_args":
            return node.attr
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        owner = whose(node.value)
        module = dotted_path(program, owner) if owner is not None else None
        path = f"{module}.{node.slice.value}" if module is not None else None
    else:
        return None
    return path if path is not None and path.endswith(("_configs", "_args")) else None


SETTING = frozenset({"object", "multiple", "setattr", "setitem", "delattr", "__setattr__"})
_FILLING = frozenset({"update", "setdefault", "pop", "popitem", "clear", "__setitem__"})
_KEEPING = frozenset({"SimpleNamespace", "nullcontext", "deepcopy"})
"""What keeps what it is given as it is, or another one like it."""

_HARMLESS = frozenset(
    {
        *("len", "list", "sorted", "dict", "set", "tuple"),
        *("iter", "enumerate", "hasattr", "isinstance", "print", "repr"),
    }
)


def read_paths(program: Program) -> Iterator[str]:
    """The paths that a file imports or reads."""
    for statement in program.bindings.imports:
        if isinstance(statement, ast.ImportFrom) and not statement.level:
            yield from (f"{statement.module}.{alias.name}" for alias in statement.names)
    for node in program.bindings.attributes:
        if isinstance(node.ctx, ast.Load):
            path = dotted_path(program, node)
            if path is not None:
                yield path


def _configured(program: Program) -> Iterator[str]:
    """The members of the classes that are configs by their name."""
    for node in program.of(ast.ClassDef):
        if node.bases and node.name.endswith(_CONFIGS):
            info = program.bindings.classes[node]
            yield from info.attributes
            yield from info.scope.bindings


_CONFIGS = ("Config", "Args")
