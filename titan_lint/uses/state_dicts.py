"""Keys of state dicts that a file asks torchtitan's models for, and the target's do not have."""

from __future__ import annotations

import ast
import fnmatch
import functools
import itertools
import re

from titan_lint.api import history
from titan_lint.api.changes import facts
from titan_lint.code.following import bound_value, follows
from titan_lint.code.forms import NAMING, argument, callee_name
from titan_lint.code.names import Binding, Kind
from titan_lint.code.values import Collection, Const, Instance, Pattern, Ref, Result
from titan_lint.structs import Struct
from titan_lint.uses.additions import is_put
from titan_lint.uses.calls import asked_about
from titan_lint.uses.guards import live
from titan_lint.uses.specs import package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from titan_lint.api.changes.facts import StateDict
    from titan_lint.uses.file import File

_FROM_TORCH = Ref("torch.distributed.checkpoint.state_dict.get_model_state_dict")
# What reads a dictionary and leaves its keys, or takes some away.
_READING = frozenset({"copy", "get", "items", "keys", "pop", "values"})
_TAKING = frozenset({"dict", "len", "list", "load_state_dict", "print", "set", "sorted"})
# What asks a key for a regular expression, and which function of `re` does the same without replacing anything.
_MATCHES = "matches"
_REPLACING = frozenset({"sub", "subn"})
_MATCHING = {
    **{name: name for name in ("match", "fullmatch", "search")},
    **dict.fromkeys(("findall", "finditer", *sorted(_REPLACING)), "search"),
}
_FUNCTIONS = frozenset(f"re.{name}" for name in _MATCHING)
_GLOBBING = ("fnmatch", "fnmatchcase")
# Beyond these a regular expression may take its time.
_MOST_REPEATS = 3
_LONGEST = 200
_HOOKS = frozenset(
    {
        *("_register_load_state_dict_pre_hook", "_register_state_dict_hook"),
        *("register_load_state_dict_pre_hook", "register_state_dict_post_hook"),
        *("register_state_dict_pre_hook", "register_train_spec"),
    }
)


class Model(Struct):
    """A model of torchtitan's that a file has.

    Attributes:
        records: What it may be, by the target's facts.
        made: Whether the file has torchtitan make it of a flavor, and hands that flavor's config to nothing else.
    """

    records: tuple[StateDict, ...]
    made: bool


class Question(Struct, eq=False):
    """One key that is asked for.

    Attributes:
        node: Where to point.
        text: The key; ``*`` stands for what is not known in it.
        model: Whose it is.
        failure: What is raised where it is not there; ``None`` where nothing is.
        by_map: Whether a map has it that may serve several versions, and so have what is still to come.
        how: How a loop asks it of each key, by the verb for that; empty where it is a key.
        regex: The regular expression that a loop asks each key for, and by which function of :mod:`re`.
    """

    node: ast.expr
    text: str
    model: Model
    failure: type[Exception] | None = KeyError
    by_map: bool = False
    how: str = ""
    regex: tuple[str, str] = ("", "")

    def is_met(self, record: StateDict) -> bool:
        """Whether a key may be there; hooks of a model's may take the name of a parameter that is no key."""
        names = record.keys | record.parameters
        if self.how == _MATCHES:
            return _is_matched(*self.regex, names)
        return any(map(_pattern(self.text, self.how).fullmatch, names))

    @property
    def parts(self) -> list[str]:
        """The names of modules and parameters in it."""
        if self.how == _MATCHES:
            return re.findall(r"[A-Za-z_]\w+", re.sub(r"\\[A-Za-z]", " ", self.text))
        return [part for part in self.text.split(".") if part]


class Unknown(Struct, eq=False):
    """A key that the target's model does not have.

    Attributes:
        question: Who asks for it.
        found: Key of the nearest bundled surface whose model has it.
        earlier: Whether that is earlier than the target.
        became: The key that the target has in its place; empty where that is not clear.
    """

    question: Question
    found: str
    earlier: bool
    became: str


def unknown(file: File) -> Iterator[Unknown]:
    """The keys that the target's models certainly do not have."""
    text = file.source.text
    if "state_dict" in text or "StateDictAdapter" in text or "named_parameters" in text:
        here = facts.state_dicts().at(file.target.surface.key)
        if here:
            yield from _Asked(file, here).unknown()


class _Asked:
    """The keys that one file asks for at one target, whose models are ``here``."""

    def __init__(self, file: File, here: list[StateDict]) -> None:
        self.file = file
        self.here = here

    def unknown(self) -> Iterator[Unknown]:
        raising = (*self._items(), *self._popped(), *self._loaded(), *self._mapped())
        for question in (*raising, *self._compared(), *self._matched()):
            found = self._judged(question)
            if found is not None and self._is_mistake(question):
                yield found

    # -- who asks -----------------------------------------------------------------------------

    def _items(self) -> Iterator[Question]:
        """``model.state_dict()["output.weight"]``."""
        for node in self.file.program.of(ast.Subscript):
            if not isinstance(node.ctx, ast.Store):
                yield from self._of(node.value, node.slice)

    def _popped(self) -> Iterator[Question]:
        """``state_dict.pop("output.weight")``."""
        for call in self.file.program.called("pop"):
            if isinstance(call.func, ast.Attribute) and len(call.args) == 1 and not call.keywords:
                yield from self._of(call.func.value, call.args[0])

    def _loaded(self) -> Iterator[Question]:
        """``model.load_state_dict({"output.weight": weight})``."""
        for call in self.file.program.called("load_state_dict"):
            given = argument(call, 0, "state_dict")
            strict = argument(call, 1, "strict")
            if not isinstance(call.func, ast.Attribute) or given is None:
                continue
            if strict is not None and self.file.sole(strict) != Const(True):
                continue
            if any(word.arg is None for word in call.keywords):
                continue
            match self.file.sole(given):
                case Collection(node=ast.Dict() as held):
                    if held is not given and self.file.resolver.mutations.is_mutated(given):
                        continue
                    model = self._model(call.func.value)
                    for key in held.keys if model is not None else ():
                        text = self._text(key) if key is not None else None
                        if key is not None and text is not None and model is not None:
                            yield Question(key, text, model, RuntimeError)
                case _:
                    pass

    def _mapped(self) -> Iterator[Question]:
        """The names that a class derived from a model's adapter puts into ``from_hf_map``."""
        for info in self.file.program.bindings.classes.values():
            model = self._adapted(info.node)
            if model is None:
                continue
            bindings = info.attributes.get("from_hf_map", []) + info.scope.bindings.get(
                "from_hf_map", []
            )
            for binding in bindings:
                if isinstance(binding.value, ast.Dict):
                    for node in binding.value.values:
                        text = self._text(node)
                        if text is not None:
                            yield Question(node, text, model, RuntimeError, by_map=True)

    def _compared(self) -> Iterator[Question]:
        """What loops ask of each key: ``for key in model.state_dict(): if key.startswith("output.")``."""
        for node in self.file.program.of(ast.Compare):
            match node:
                case (
                    ast.Compare(
                        left=ast.Name() as key, ops=[ast.Eq() | ast.NotEq()], comparators=[text]
                    )
                    | ast.Compare(
                        left=text, ops=[ast.Eq() | ast.NotEq()], comparators=[ast.Name() as key]
                    )
                ):
                    yield from self._in_loop(key, "is", text)
                case ast.Compare(
                    left=ast.Name() as key,
                    ops=[ast.In() | ast.NotIn()],
                    comparators=[
                        ast.Tuple(elts=texts) | ast.List(elts=texts) | ast.Set(elts=texts)
                    ],
                ):
                    yield from self._in_loop(key, "is", *texts)
                case ast.Compare(
                    left=text, ops=[ast.In() | ast.NotIn()], comparators=[ast.Name() as key]
                ):
                    yield from self._in_loop(key, "holds", text)
                case _:
                    pass
        for call in self.file.program.called("startswith", "endswith"):
            match call:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name() as key, attr=name),
                    args=[text],
                    keywords=[],
                ):
                    texts = text.elts if isinstance(text, ast.Tuple) else [text]
                    how = "begins with" if name == "startswith" else "ends with"
                    yield from self._in_loop(key, how, *texts)
                case _:
                    pass

    def _matched(self) -> Iterator[Question]:
        r"""What loops match each key with: ``if re.match(r"layers\.\d+\.attention\.wq", key)``."""
        for call in self.file.program.called(*_MATCHING, *_GLOBBING):
            found = self._matching(call)
            key = found[2] if found is not None else None
            model = self._run_through(key) if isinstance(key, ast.Name) else None
            if found is None or model is None:
                continue
            node, function, _ = found
            text = self.file.sole(node)
            if isinstance(text, Const) and isinstance(text.value, str):
                is_glob = callee_name(call) in _GLOBBING
                regex = fnmatch.translate(text.value) if is_glob else text.value
                asked = Question(
                    node, text.value, model, None, how=_MATCHES, regex=(regex, function)
                )
                if asked.parts and _is_plain(regex):
                    yield asked

    def _matching(self, call: ast.Call) -> tuple[ast.expr, str, ast.expr] | None:
        """The pattern of a call, the function of ``re`` that asks it, and what it is asked of; no flags."""
        match self.file.sole(call.func), call:
            case Ref(path=path), ast.Call(args=[pattern, *middle, key], keywords=[]):
                name = path.rpartition(".")[2]
                if path in ("fnmatch.fnmatch", "fnmatch.fnmatchcase") and not middle:
                    return key, "match", pattern
                if path == f"re.{name}" in _FUNCTIONS and len(middle) == (name in _REPLACING):
                    return pattern, _MATCHING[name], key
            case _, ast.Call(
                func=ast.Attribute(value=compiled, attr=name), args=[*before, key], keywords=[]
            ) if name in _MATCHING and len(before) == (name in _REPLACING):
                match self.file.sole(compiled):
                    case Result(
                        function=Ref(path="re.compile"), call=ast.Call(args=[pattern], keywords=[])
                    ):
                        return pattern, _MATCHING[name], key
                    case _:
                        pass
            case _:
                pass
        return None

    def _in_loop(self, key: ast.Name, how: str, *texts: ast.expr) -> Iterator[Question]:
        model = self._run_through(key)
        for text in texts if model is not None else ():
            found = self.file.sole(text)
            if (
                model is not None
                and isinstance(found, Const)
                and isinstance(found.value, str)
                and len(found.value) > 1
                and "*" not in found.value
            ):
                yield Question(text, found.value, model, None, how=how)

    def _run_through(self, key: ast.Name) -> Model | None:
        """The model whose keys, or names of parameters, a loop gives a variable one by one."""
        match self.file.program.bindings.of(key):
            case [Binding(kind=Kind.ELEMENT, value=ast.expr() as each)]:
                pairs = False
            case [
                Binding(
                    kind=Kind.PART,
                    index=0,
                    whole=Binding(kind=Kind.ELEMENT, value=ast.expr() as each),
                )
            ]:
                pairs = True
            case _:
                return None
        match each:
            case ast.Call(func=ast.Name(id="list" | "sorted" | "tuple"), args=[inner], keywords=[]):
                each = inner
            case _:
                pass
        match each:
            case ast.Call(func=ast.Attribute(value=owner, attr="keys"), args=[]) if not pairs:
                return self._asked(owner)
            case ast.Call(func=ast.Attribute(value=owner, attr="items"), args=[]) if pairs:
                return self._asked(owner)
            case ast.Call(func=ast.Attribute(value=owner, attr="named_parameters"), args=[]) if (
                pairs and not each.keywords
            ):
                return self._model(owner)
            case _:
                return None if pairs else self._asked(each)

    def _of(self, owner: ast.expr, key: ast.expr) -> Iterator[Question]:
        text = self._text(key)
        model = self._asked(owner) if text is not None and "." in text else None
        if text is not None and model is not None:
            yield Question(key, text, model)

    def _text(self, node: ast.expr) -> str | None:
        """The key that an expression is; ``None`` where too little of it is known."""
        match self.file.sole(node):
            case Const(value=str() as text) if "*" not in text:
                return text
            # `layers.1*` may be any layer from 1 on.
            case Pattern(text=text) if not re.match(r"\*|.*(?:\w\*|\*\w)", text):
                return text
            case _:
                return None

    # -- whose state dict it is ---------------------------------------------------------------

    @functools.cached_property
    def _dictionaries(self) -> dict[ast.expr, Model | None]:
        return {}

    def _asked(self, node: ast.expr) -> Model | None:
        """The model whose state dict an expression is, with nothing put into it."""
        if node not in self._dictionaries:
            self._dictionaries[node] = self._whose(node)
        return self._dictionaries[node]

    def _whose(self, node: ast.expr) -> Model | None:
        if isinstance(node, ast.Name):
            bindings = self.file.program.bindings.of(node)
            if len(bindings) != 1 or not all(
                self._only_reads(use) for use in self.file.program.loaded(node.id)
            ):
                return None
            if node.id in self._filled:
                return None
            if bindings[0].kind is Kind.PARAMETER:
                return self._given(bindings[0].node)
            if bindings[0].kind is not Kind.VALUE:
                return None
        elif not isinstance(node, ast.Call):
            return None
        match self.file.sole(node):
            case Result(function=function, call=ast.Call(func=called, args=arguments)):
                if function == _FROM_TORCH and arguments:
                    return self._model(arguments[0])
                if isinstance(called, ast.Attribute) and called.attr == "state_dict":
                    return self._model(called.value)
            case _:
                pass
        return None

    @functools.cached_property
    def _filled(self) -> set[str]:
        """The names of dictionaries that the file puts something into."""
        return {
            node.value.id
            for node in self.file.program.of(ast.Subscript)
            if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name)
        }

    def _only_reads(self, use: ast.Name) -> bool:
        """Whether a use of a dictionary puts nothing into it, and hands it to nothing that may."""
        parent = self.file.program.parents[use]
        match parent:
            case ast.Attribute(attr=name):
                return name in _READING
            case ast.Subscript(value=value):
                return value is use
            case ast.Compare() | ast.For() | ast.comprehension() | ast.Return():
                return True
            case ast.Call():
                return callee_name(parent) in _TAKING
            case _:
                return False

    def _given(self, node: ast.AST) -> Model | None:
        """The model whose state dict ``to_hf`` of an adapter gets, whose parameter ``node`` is."""
        function = self.file.program.function(node) or self.file.program.parents.get(node)
        while function is not None and not isinstance(function, ast.FunctionDef):
            function = self.file.program.parents.get(function)
        if function is None or function.name != "to_hf" or node not in function.args.args[1:2]:
            return None
        around = self.file.program.parents[function]
        return self._adapted(around) if isinstance(around, ast.ClassDef) else None

    def _adapted(self, node: ast.ClassDef) -> Model | None:
        """The model of the adapter that a class is derived from."""
        surface = self.file.target.surface
        bases = self.file.resolver.foreign_bases(self.file.program.bindings.classes[node])
        paths = {surface.resolve(base) or base for base in bases if base}
        found = tuple(record for record in self.here if record.adapter in paths)
        return Model(found, made=False) if found and len(paths) == len(bases) == 1 else None

    def _model(self, node: ast.expr) -> Model | None:
        match self.file.sole(node):
            case Instance(cls=cls, call=call):
                found = tuple(record for record in self.here if record.class_ == cls)
                if found:
                    return Model(found, made=False)
                if call is not None and isinstance(call.func, ast.Attribute):
                    return self._built(call.func.value) if call.func.attr == "build" else None
            case Result(call=ast.Call(func=ast.Attribute(value=spec, attr="model_cls"))):
                return self._of_spec(spec)
            case _:
                pass
        return None

    @follows(None)
    def _built(self, node: ast.expr) -> Model | None:
        """The model that a config makes, ``spec.model`` of a flavor that the file names."""
        match node:
            case ast.Name():
                value = bound_value(self.file.program, node)
                model = self._built(value) if value is not None else None
                return self._as_used(node, model)
            case ast.Attribute(value=spec, attr="model"):
                return self._of_spec(spec)
            case _:
                return None

    def _of_spec(self, node: ast.expr) -> Model | None:
        value = self.file.sole(node)
        made_by = package(self.file, value)
        call = value.call if isinstance(value, Instance) else None
        if call is None:
            return None
        found = tuple(
            record
            for record in self.here
            if made_by.rpartition(".")[0] in ("torchtitan.models", "torchtitan.experiments")
            and made_by.endswith(f".{record.model}")
        )
        plain = not any(word.arg in (None, "converters") for word in call.keywords)
        return self._as_used(node, Model(found, made=plain)) if found else None

    def _as_used(self, node: ast.expr, model: Model | None) -> Model | None:
        """What a config or spec makes; one that is handed on may come back changed."""
        if model is None or isinstance(node, ast.Call):
            return model
        program = self.file.program
        is_read = isinstance(node, ast.Name) and all(
            isinstance(program.parents[use], ast.Attribute) for use in program.loaded(node.id)
        )
        return model if is_read else Model(model.records, made=False)

    # -- is it there? -------------------------------------------------------------------------

    def _judged(self, question: Question) -> Unknown | None:
        model = question.model
        if any(map(question.is_met, model.records)):
            return None
        if not model.made and any(map(question.is_met, self.here)):
            return None  # Its config may hold parts of another model's.
        names = {record.model for record in model.records}
        ways = {earlier: [_keys(model.records)] for earlier in (True, False)}
        for point, earlier in history.nearest(self.file.target.surface):
            there = [r for r in facts.state_dicts().at(point) if r.model in names]
            ways[earlier].append(_keys(there))
            if any(map(question.is_met, there)):
                if (question.by_map or question.how) and not earlier:
                    return None
                if question.how and self._copes(question, _keys(there), _keys(model.records)):
                    return None
                became = _became(question.text, ways[earlier][::-1])
                is_key = question.how in ("", "is")
                return Unknown(question, point, earlier, became if is_key else "")
        return None

    def _copes(self, question: Question, old: set[str], new: set[str]) -> bool:
        """Whether the file names something that came for what is gone: it serves both."""
        added = new - old
        if question.how == _MATCHES:
            gone = {part for key in old for part in key.split(".")}
            came = {part for key in added for part in key.split(".")} - gone
            texts = (node.value for node in self.file.program.of(ast.Constant))
            if any(
                isinstance(text, str) and not came.isdisjoint(re.findall(r"\w+", text))
                for text in texts
            ):
                return True
        return any(
            isinstance(node.value, str)
            and len(text := _numbered(node.value.strip("."))) > 2
            and any(text in key for key in added)
            and not any(text in key for key in old)
            for node in self.file.program.of(ast.Constant)
        )

    def _is_mistake(self, question: Question) -> bool:
        file, node = self.file, question.node
        missing = _missing(question)
        own = (missing, "__init__", "state_dict")
        return (
            live(file, node, *(() if question.failure is None else (question.failure,)))
            and not (question.how == "" and self._is_looked_up(question))
            and not self._may_give(question, missing)
            and not asked_about(file, node, missing)
            and not asked_about(file, node, question.text)
            and not self._is_derived(question.model)
            and not is_put(
                file,
                node,
                *(f"{record.class_}.{name}" for record in question.model.records for name in own),
            )
        )

    def _is_looked_up(self, question: Question) -> bool:
        """Whether the file asks, wherever, if something has the key."""
        asked = self.file.sole(question.node)
        return any(
            isinstance(operator, ast.In | ast.NotIn) and asked in self.file.values(left)
            for node in self.file.program.of(ast.Compare)
            for left, operator in zip((node.left, *node.comparators), node.ops, strict=False)
        )

    def _may_give(self, question: Question, missing: str) -> bool:
        """Whether the project may give a module a member of that name, or the file another module that has one."""
        file, readers = self.file, self.file.options.readers
        mutations = file.resolver.mutations
        parts = question.parts if question.how == _MATCHES else question.text.split(".")[:-1]
        return (
            any(map(mutations.may_be_set, {missing, *parts}))
            or any(map(mutations.may_be_filled, parts))
            or any(
                node.value == missing and node is not question.node
                for node in file.program.of(ast.Constant)
            )
            or any(
                missing in info.scope.bindings for info in file.program.bindings.classes.values()
            )
            or (readers is not None and readers.give(missing))
        )

    def _is_derived(self, model: Model) -> bool:
        """Whether the file derives a class from the model's, or names members of modules as it runs."""
        classes = {record.class_ for record in model.records}
        surface, program = self.file.target.surface, self.file.program
        return (
            bool(program.called(*_HOOKS))
            or any(
                not any(isinstance(argument, ast.Constant) for argument in call.args[:2])
                for call in program.called(*NAMING)
            )
            or any(
                base is None or (surface.resolve(base) or base) in classes
                for info in program.bindings.classes.values()
                for base in self.file.resolver.foreign_bases(info)
            )
        )


@functools.lru_cache(maxsize=1024)
def _pattern(text: str, how: str = "") -> re.Pattern[str]:
    """What a key, or a part of one, meets among the names of facts, which have ``{}`` for each number."""
    plain = ".+".join(map(re.escape, _numbered(text).split("*")))
    before = ".*" if how in ("holds", "ends with") else ""
    after = ".*" if how in ("holds", "begins with") else ""
    return re.compile(f"{before}{plain}{after}")


def _numbered(text: str) -> str:
    return re.sub(r"(?:(?<=\.)|^)\d+(?=\.|$)", "{}", text)


@functools.lru_cache(maxsize=1024)
def _is_matched(text: str, function: str, names: frozenset[str]) -> bool:
    """Whether a regular expression matches one of some names, with any of the numbers that matter to it."""
    ask = getattr(re.compile(text), function)
    numbers = sorted({"0", "7", "12", *re.findall(r"\d+", text)})
    for name in names:
        pieces = name.split("{}")
        for chosen in itertools.product(numbers, repeat=len(pieces) - 1):
            if ask("".join(itertools.chain(*zip(pieces, (*chosen, ""), strict=True)))):
                return True
    return False


def _is_plain(text: str) -> bool:
    """Whether a regular expression can be read, and finds out about one name in no time."""
    try:
        re.compile(text)
    except (re.error, OverflowError):
        return False
    repeats = re.findall(r"(?<!\\)[*+{]", text)
    is_nested = re.search(r"(?<!\\)\)[*+{]", text) is not None
    return len(repeats) <= _MOST_REPEATS and len(text) <= _LONGEST and not is_nested


def _keys(records: Iterable[StateDict]) -> set[str]:
    return {key for record in records for key in record.keys}


def _became(text: str, way: Sequence[set[str]]) -> str:
    """What a key of the first of some sets is in the last one, told step by step; empty where that is not clear.

    It is the key that is most like it among those that come when it goes, if it is the most like that one of those
    that go.
    """
    name = _numbered(text).replace("*", "{}")
    for before, after in itertools.pairwise(way):
        if name not in after:
            new = _most_like(name, after - before)
            if _most_like(new, before - after) != name:
                return ""
            name = new
    return name


def _most_like(name: str, others: set[str]) -> str:
    """The key that shares the most parts at its ends with another, then the most of the rest; empty without any."""
    import difflib

    def likeness(key: str) -> tuple[int, int, int]:
        parts, asked = key.split("."), name.split(".")
        shared = _shared(parts, asked) + _shared(parts[::-1], asked[::-1])
        blocks = difflib.SequenceMatcher(None, key, name, autojunk=False).get_matching_blocks()
        return shared, sum(block.size for block in blocks), -len(key)

    near = max(sorted(others), key=likeness, default="")
    return near if likeness(near)[0] else ""


def _shared(parts: Sequence[str], others: Sequence[str]) -> int:
    """How many parts two keys begin with alike."""
    pairs = zip(parts, others, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _missing(question: Question) -> str:
    """The first part of a key that its model has not, which had to be added for the key to be there."""
    records = question.model.records
    names = [name for record in records for name in record.keys | record.parameters]
    parts = question.text.split(".")
    if question.how not in ("", "is"):
        known = {part for name in names for part in name.split(".")}
        parts = question.parts
        return next((part for part in parts if _numbered(part) not in known), parts[-1])
    for end in range(1, len(parts)):
        begun = re.compile(_pattern(".".join(parts[:end])).pattern + r"\..*")
        if not any(map(begun.fullmatch, names)):
            return parts[end - 1]
    return parts[-1]
