"""Running programs that were not written to be run: engines, examples of rules, mutations of both.

Whatever such a program asks for beside torchtitan is there and does nothing but write down how it is
called (:class:`Unknown`). The module is run, then each function and class of it, with unknowns for
arguments. Each is judged by itself: it is fixed, or left.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import sys
import types
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.meaning import tool
from tests.meaning.running import PROGRAM, Run, ended, execute
from tests.meaning.standin import FLAVORS, Age, Record, installed

if TYPE_CHECKING:
    from collections.abc import Iterator

# Modules that do nothing to the machine; all others are unknown.
_HARMLESS = {
    *("__future__", "abc", "asyncio", "collections", "contextlib", "copy", "dataclasses", "enum"),
    *(
        "functools",
        "importlib",
        "inspect",
        "itertools",
        "math",
        "operator",
        "re",
        "types",
        "typing",
        "unittest",
    ),
    *("observe", "json", "string", "textwrap", "torchtitan", "typing_extensions"),
}
# What a program may ask of an unknown, and gets: what every torchtitan takes.
CHOSEN = "varlen"
_KNOWN = dict.fromkeys(("attn_type", "attn_backend", "attention_backend", "backend"), CHOSEN)
_KNOWN |= {"flavor": "debugmodel", "model_flavor": "debugmodel"}
_KNOWN |= dict.fromkeys(("model_name", "model_type", "torchtitan_name"), "llama3")
# Torchtitans that the old stand-in is put together from.
_OLD = ("0.2.2", "main@9810191bb", "main@c4b409af2")
# Lines of a program that are run at most.
_MOST = 20_000


class _Stopped(BaseException):
    """A program goes on and on."""


class _Record(Record):
    def render(self, value: Any) -> object:
        if isinstance(value, Unknown):
            return repr(value)
        return super().render(value)


class Unknown:
    """Something that nothing is known of: takes everything, and writes down calls and stores."""

    __slots__ = ("_path", "_record")

    def __init__(self, record: Record, path: str) -> None:
        object.__setattr__(self, "_record", record)
        object.__setattr__(self, "_path", path)

    def _more(self, more: str) -> Unknown:
        return Unknown(
            object.__getattribute__(self, "_record"),
            (object.__getattribute__(self, "_path") + more)[-200:],
        )

    def _note(self, what: str, *values: object) -> None:
        record: Record = object.__getattribute__(self, "_record")
        record.note(what, self, *values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _KNOWN.get(name) or self._more(f".{name}")

    def __repr__(self) -> str:
        return f"<{object.__getattribute__(self, '_path')}>"

    def __str__(self) -> str:
        return "llama3"  # ``f"torchtitan.models.{name}"``

    def __format__(self, spec: str) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __setattr__(self, name: str, value: object) -> None:
        self._note("set", name, value)

    def __delattr__(self, name: str) -> None:
        self._note("delete", name)

    def __call__(self, *args: Any, **given: Any) -> Any:
        if len(args) == 1 and not given and isinstance(args[0], types.FunctionType | type):
            return args[0]  # A decorator.
        self._note("call", list(args), given)
        if args and isinstance(args[0], str) and args[0] in _KNOWN:
            return _KNOWN[args[0]]
        return self._more("()")

    def __getitem__(self, key: object) -> Any:
        return _KNOWN.get(key) if isinstance(key, str) and key in _KNOWN else self._more("[]")

    def __setitem__(self, key: object, value: object) -> None:
        self._note("set", key, value)

    def __delitem__(self, key: object) -> None:
        self._note("delete", key)

    def __iter__(self) -> Iterator[Any]:
        return iter([self._more("[]")])

    def __await__(self) -> Iterator[Any]:
        return iter(())

    def __aiter__(self) -> Unknown:
        return self

    async def __anext__(self) -> Any:
        raise StopAsyncIteration

    def __enter__(self) -> Unknown:
        self._note("enter")
        return self

    def __exit__(self, *error: object) -> None:
        self._note("leave")

    async def __aenter__(self) -> Unknown:
        self._note("enter")
        return self

    async def __aexit__(self, *error: object) -> None:
        self._note("leave")

    def __mro_entries__(self, bases: object) -> tuple[type, ...]:
        return (_base(object.__getattribute__(self, "_record")),)

    def __contains__(self, item: object) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __index__(self) -> int:
        return 1

    def __float__(self) -> float:
        return 1.0

    def _arithmetic(self, *_: object) -> Unknown:
        return self._more("+")

    def _comparison(self, other: object) -> bool:
        return True

    __int__ = __index__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __or__ = __ror__ = _arithmetic
    __and__ = __rand__ = __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _arithmetic
    __mod__ = __rmod__ = __pow__ = __neg__ = __matmul__ = __invert__ = _arithmetic
    __lt__ = __le__ = __gt__ = __ge__ = _comparison


def _base(record: Record) -> type:
    """A class to inherit from that nothing is known of."""

    def attribute(self: object, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(record, f"self.{name}")

    def start(self: object, *args: object, **given: object) -> None:
        record.note("start", list(args), given)

    return type("Base", (), {"__getattr__": attribute, "__init__": start})


class _Module(types.ModuleType):
    """A module that has whatever it is asked for."""

    def __init__(self, name: str, record: Record) -> None:
        super().__init__(name)
        vars(self).update(__path__=[], _record=record)

    def __getattr__(self, name: str) -> Any:
        path = f"{self.__name__}.{name}"
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return Unknown(vars(self)["_record"], path)


def _of_both(record: Record, module: str, name: str) -> Unknown:
    """What the stand-in does not have and each torchtitan has."""
    if name.startswith("__") or not _is_in_both(f"{module}.{name}"):
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return Unknown(record, f"{module}.{name}")


def _is_in_both(path: str) -> bool:
    """Whether the torchtitans of old and the new one have something by one name."""
    return tool.knows(tool.TARGET, path) and any(tool.knows(version, path) for version in _OLD)


class _Builtins(dict[str, Any]):
    """The builtins, and an unknown for every other name but those that the module itself binds."""

    def __init__(self, record: Record, own: set[str]) -> None:
        super().__init__(vars(builtins))
        self._record, self._own = record, own

    def __missing__(self, name: str) -> Any:
        if name in self._own or name.startswith("__"):
            raise KeyError(name)
        return Unknown(self._record, name)


def parts(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """The statements of each part of a module, by the names that :func:`driven` gives them."""
    found: dict[str, list[ast.stmt]] = {"": []}
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.setdefault(name, []).append(statement)
            case ast.ClassDef(name=name, body=body):
                found.setdefault(name, []).append(statement)
                for method in body:
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                        found.setdefault(f"{name}.{method.name}", []).append(method)
            case _:
                found[""].append(statement)
    return found


def driven(text: str, age: Age) -> dict[str, Run]:
    """What a module does, by the names of its functions, methods and classes; itself is ``""``."""
    tree = ast.parse(text)
    record = _Record(age, models=(*(m for m in FLAVORS if m in text and m != "llama3"), "llama3"))
    missing: set[str] = set()
    namespace: dict[str, Any] = {"__name__": "program", "__package__": "project.of.ours"}
    namespace["__builtins__"] = _Builtins(record, _bound(tree))
    found: dict[str, Run] = {}

    def note(name: str, run: Any) -> Any:
        first = len(record.events)
        error: BaseException | None = None
        made = None
        try:
            with _limited():
                made = run()
            if made is not None:
                record.note("gives", made)
        except (Exception, _Stopped) as raised:
            error = raised
        found[name] = ended(record.events[first:], error, missing)
        if isinstance(error, NameError | SyntaxError):
            # A name that is not bound yet may have another one after the fix, and a line a number.
            found[name] = replace(found[name], error=type(error).__name__)
        return made

    def module() -> None:
        error = execute(tree.body, text, namespace, missing)
        if error is not None:
            raise error

    with _installed(tree, record):
        sys.modules["program"] = types.ModuleType("program")
        vars(sys.modules["program"]).update(namespace)
        note("", module)
        if found[""].error:
            # What is defined below is there all the same, and judged.
            definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            definitions += (ast.Import, ast.ImportFrom)
            for statement in tree.body:
                if isinstance(statement, definitions):
                    with _limited():
                        execute([statement], text, namespace, missing)
        for statement in tree.body:
            thing = namespace.get(getattr(statement, "name", ""))
            if isinstance(thing, types.FunctionType):
                note(thing.__name__, lambda thing=thing: _called(record, thing))
            elif isinstance(thing, type) and isinstance(statement, ast.ClassDef):
                made = note(thing.__name__, lambda thing=thing: _made(record, thing))
                if made is None:
                    continue
                for name, method in list(vars(thing).items()):
                    if isinstance(method, types.FunctionType) and not name.startswith("__"):
                        bound = method.__get__(made)
                        note(f"{thing.__name__}.{name}", lambda b=bound: _called(record, b))
        del sys.modules["program"]
    return found


def _bound(tree: ast.Module) -> set[str]:
    """The names that a module binds, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.alias(name=name, asname=asname):
                found.add(asname or name.partition(".")[0])
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def _made(record: Record, thing: type) -> Any:
    made: Any = _called(record, thing)
    if not isinstance(made, thing):
        return None
    given = getattr(made, "__dict__", {})
    record.note("holds", *(given[name] for name in sorted(given)))
    return made


def _called(record: Record, function: Any) -> Any:
    """Call a function with unknowns, and run it to its end."""
    args: list[Any] = []
    given: dict[str, Any] = {}
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    for number, parameter in enumerate(parameters):
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.default is not parameter.empty:
            continue
        value = _KNOWN.get(parameter.name) or _of_type(parameter.annotation, function)
        value = value or Unknown(record, f"argument {number}")
        if parameter.kind is parameter.KEYWORD_ONLY:
            given[parameter.name] = value
        else:
            args.append(value)
    made = function(*args, **given)
    if inspect.iscoroutine(made):
        try:
            made.send(None)
        except StopIteration as end:
            return end.value
        finally:
            made.close()
        return None
    if inspect.isgenerator(made):
        return [item for item, _ in zip(made, range(3), strict=False)]
    return made


def _of_type(annotation: Any, function: Any) -> Any:
    """Something of the stand-in's that is of an annotated type, if it is one of the stand-in's."""
    if isinstance(annotation, str):
        try:
            annotation = eval(annotation, inspect.unwrap(function).__globals__)
        except Exception:
            return None
    if not isinstance(annotation, type) or "_stand_in" not in vars(annotation):
        return None
    return _filled(annotation)


def _filled(thing: Any) -> Any:
    """An instance of a class of the stand-in's, with what others are made from."""
    made = thing(_filled(thing.Config)) if thing.__name__ == "Trainer" else thing()
    config = vars(sys.modules["torchtitan.config"])
    for name in ("parallelism", "compile", "training"):
        if name in getattr(made, "_fields", ()):
            setattr(made, name, config[f"{name.capitalize()}Config"]())
    if "model_spec" in getattr(made, "_fields", ()):
        made.model_spec = sys.modules["torchtitan.models.llama3"].model_registry("debugmodel")
    return made


@contextmanager
def _limited() -> Iterator[None]:
    lines = 0
    before = sys.gettrace()

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename != PROGRAM:
            return None
        lines += 1
        if lines > _MOST:
            raise _Stopped
        return trace

    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def _installed(tree: ast.Module, record: Record) -> Iterator[None]:
    """With the stand-in for torchtitan and unknowns for all other modules that are not harmless."""
    paths: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            paths.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ["project.of.ours", "project.of", "project"][max(node.level - 1, 0)]
            path = ".".join(filter(None, [above if node.level else "", node.module]))
            paths.add(path)
    paths |= {"project.of.ours"}
    with installed(record):
        kept: dict[str, types.ModuleType | None] = {"program": sys.modules.get("program")}
        for path in sorted(paths):
            parts = path.split(".")
            is_ours = parts[0] == "torchtitan"
            if parts[0] in _HARMLESS and not is_ours:
                continue
            if is_ours and (record.age is Age.ABSENT or not _is_in_both(path)):
                continue
            for end in range(1, len(parts) + 1):
                name = ".".join(parts[:end])
                kept.setdefault(name, sys.modules.get(name))
                if isinstance(sys.modules.get(name), _Module):
                    continue
                if is_ours and name in sys.modules:
                    continue
                sys.modules[name] = _Module(name, record)
        for path, module in list(sys.modules.items()):
            if path.partition(".")[0] == "torchtitan" and module is not None:
                vars(module)["__getattr__"] = functools.partial(_of_both, record, path)
        if "torchtitan.trainer" in sys.modules:
            trainer: Any = sys.modules["torchtitan.trainer"].Trainer
            trainer.model_parts = [Unknown(record, "model part")]
            for name in ("optimizers", "lr_schedulers", "checkpointer"):
                setattr(trainer, name, Unknown(record, name))
        try:
            yield
        finally:
            for name, module in kept.items():
                if module is None:
                    sys.modules.pop(name, None)
                else:
                    sys.modules[name] = module
