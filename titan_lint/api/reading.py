"""How a record becomes an entity: what the names in it mean where they are written.

Record of a module: ``members`` (name -> record), ``stars`` (modules imported with ``*``), ``all`` (what
``__all__`` lists), ``open`` (a reason why more names may exist). Record of a member, by its ``k``:

- ``f`` function: ``p`` parameters, ``r`` return annotation, ``d`` decorators, ``async``, ``variants``,
  ``values`` (parameter -> what is known of its legal values)
- ``c`` class: ``b`` bases, ``kw`` keywords, ``d`` decorators, ``m`` members, ``open``
- `v` value or attribute: `t` annotation, `v` source text, `items` of a dictionary, `x` where the value
  comes from, ``i`` set on instances only, ``cv`` marked ``ClassVar``
- ``p`` property: ``r`` return annotation, ``w`` whether it can be set
- ``a`` import: ``to`` absolute path; ``=`` another name for something: ``to`` as written
- any of them: ``tc`` when bound only under ``TYPE_CHECKING``
"""

from __future__ import annotations

from functools import cached_property, partial

from titan_lint.api import external, hints
from titan_lint.api.entities import (
    PARTIAL,
    Class,
    External,
    LookupScope,
    Module,
    Variable,
    is_dunder,
)
from titan_lint.api.signatures import KINDS, Function, Parameter, ParameterKind
from titan_lint.structs import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Protocol

    from titan_lint.api.entities import Lookup, Record
    from titan_lint.api.hints import Constant
    from titan_lint.api.signatures import Meaning

    class Records(Protocol):
        """Source of the module records of one surface."""

        @property
        def names(self) -> Iterable[str]:
            """Dotted names of the modules that have a record."""
            ...

        def record(self, name: str) -> Record:
            """Record of the module called ``name``."""
            ...

        def modules_with(self, index: str, key: str) -> Iterable[str]:
            """Modules that one of :data:`titan_lint.api.surface.INDEXES` leads to: all that have ``key``, and maybe others."""
            ...

else:
    Lookup = object


class Reading(Lookup):
    """What the records of one torchtitan say, read as entities; what looks paths up derives from it."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @cached_property
    def modules(self) -> frozenset[str]:
        """Dotted names of all modules and packages, namespace packages included."""
        found = set(self._records.names)
        new = found
        while new:
            new = {name.rpartition(".")[0] for name in new} - found - {""}
            found |= new
        return frozenset(found)

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(self._records.names)

    def module_record(self, name: str) -> Record:
        """Record of a module; an empty one for a namespace package."""
        return self._records.record(name) if name in self._files else {}

    def _entity(
        self, record: Record, path: str, scope: LookupScope
    ) -> Module | Class | Function | Variable | External | None:
        match record["k"]:
            case "a":
                return self._imported(record["to"], path)
            case "=":
                target = self.resolve_in(replace(scope, hidden=path), record["to"])
                if isinstance(target, External):
                    return External(path, target.target)
                if isinstance(target, Class | Function | Module) and not record.get("t"):
                    is_method = scope.class_ is not None and not record.get("i")
                    if is_method and isinstance(target, Function) and target.binding == "function":
                        # A function that a class body names is a method, as one written there.
                        return replace(target, binding="method")
                    return target
                return self._value(record, path, scope)
            case "c":
                return Class(self, path, scope.module, record)
            case "f":
                return self._function(record, path, scope)
            case _:
                return self._value(record, path, scope)

    def _imported(
        self, target: str, path: str
    ) -> Module | Class | Function | Variable | External | None:
        root = target.partition(".")[0]
        if root not in self.modules:
            return External(path, target)
        return self.lookup(target)

    def resolve_in(
        self, scope: LookupScope, name: str
    ) -> Module | Class | Function | Variable | External | None:
        """What the dotted ``name`` means where it is written; ``None`` where that is not known."""
        head, _, rest = name.partition(".")
        found = self._head(scope, head)
        for part in rest.split(".") if rest else ():
            if isinstance(found, Module):
                found = self.lookup(f"{found.path}.{part}")
            elif isinstance(found, Class):
                found = self.member_of(found, part)
            elif isinstance(found, External):
                found = External(f"{found.path}.{part}", f"{found.target}.{part}")
            else:
                return None
        return found

    def _head(
        self, scope: LookupScope, head: str
    ) -> Module | Class | Function | Variable | External | None:
        if scope.class_ is not None:
            path = f"{scope.class_}.{head}"
            holder = self.lookup(scope.class_)
            if path != scope.hidden and isinstance(holder, Class):
                record = holder.own(head)
                if record is not None and record.get("i") != 2:
                    return self.member_record(holder, head)
        path = f"{scope.module}.{head}"
        record = self.module_record(scope.module)
        member = record.get("members", {}).get(head)
        if member is not None and path != scope.hidden:
            if member["k"] == "a":  # Under `TYPE_CHECKING` too: annotations may name it.
                return self._imported(member["to"], path)
            return self.lookup(path)
        if member is None and record.get("stars"):
            return self.lookup(path)
        return External(head, head) if head in _BUILTIN_BASES else None

    def member_of(
        self, class_: Class, name: str
    ) -> Module | Class | Function | Variable | External | None:
        """The member ``name`` of ``class_``, through its ancestors; ``None`` without one."""
        for ancestor in class_.mro:
            if ancestor.own(name) is None:
                continue
            found = self.member_record(ancestor, name)
            if name == "build" and isinstance(found, Function):
                return self._build(class_, found)
            return found
        for base in class_.external_bases:
            about = external.known().get(base)
            if about is not None and name in about.members:
                return External(f"{class_.path}.{name}", f"{base}.{name}")
        if is_dunder(name):
            return External(f"{class_.path}.{name}", f"object.{name}")
        return None

    def member_record(
        self, class_: Class, name: str
    ) -> Module | Class | Function | Variable | External | None:
        """The member ``name`` that ``class_`` itself defines; ``None`` without one."""
        path = f"{class_.path}.{name}"
        record = class_.own(name)
        if record is None or record.get("tc"):
            return None
        # Under a key of its own: `lookup` makes more of some paths, such as those of `build`.
        return self.remembered(
            f"{name} of {class_.path}",
            partial(self._entity, record, path, LookupScope(class_.module, class_.path)),
        )

    def _build(self, config: Class, written: Function) -> Function:
        """``Config.build`` as torchtitan wires it: it constructs the class that holds the ``Config``.

        ``Configurable.Config.build(**kwargs)`` forwards its keywords to the owner's constructor next
        to ``config=``; overriders with other parameters say themselves what they take.
        """
        owner = next((c.owner for c in config.mro if c.owner), None)
        if owner is None:
            return written
        returns = written.returns or (owner if written.annotation is None else None)
        forwards = [p.kind for p in written.parameters[1:]] == [ParameterKind.VAR_KEYWORD]
        made = self.lookup(owner)
        init = made.constructor() if isinstance(made, Class) else None
        if not forwards or init is None:
            return replace(written, path=f"{config.path}.build", returns=returns)
        rest = tuple(
            p if p.is_variadic else replace(p, kind=ParameterKind.KEYWORD_ONLY)
            for p in init.parameters
            if p.name != "config" and p.kind is not ParameterKind.VAR_POSITIONAL
        )
        # In early 2026 it filled in what the constructor leaves without a value, too.
        names = {p.name for p in rest}
        later = tuple(
            replace(p, kind=ParameterKind.KEYWORD_ONLY, default="...")
            for p in config.unset_fields
            if p.name not in names
        )
        last = next(
            (n for n, p in enumerate(rest) if p.kind is ParameterKind.VAR_KEYWORD), len(rest)
        )
        parameters = (written.parameters[0], *rest[:last], *later, *rest[last:])
        return replace(
            written,
            path=f"{config.path}.build",
            parameters=parameters,
            returns=returns,
            open=written.open or init.open,
        )

    def parameter(
        self,
        scope: LookupScope,
        name: str,
        kind: ParameterKind,
        annotation: str | None,
        default: str | None,
        values: Record | None = None,
    ) -> Parameter:
        """A parameter from its texts, with what its guards say worked out."""
        values = values or {}
        accepts = values.get("accepts")
        return Parameter(
            name,
            kind,
            default,
            annotation,
            None if accepts is None else tuple(accepts),
            dict(values.get("rejects", ())),
            None if annotation is None else partial(self._meaning, scope, annotation),
        )

    def _meaning(self, scope: LookupScope, annotation: str) -> Meaning:
        shape, scope = self._shape(scope, annotation)
        return self._class_path(scope, shape.instance), _choices(shape)

    def _function(self, record: Record, path: str, scope: LookupScope) -> Function:
        values = record.get("values", {})
        parameters = tuple(
            self.parameter(scope, name, KINDS[kind], annotation, default, values.get(name))
            for name, kind, annotation, default in map(_padded, record.get("p", ()))
        )
        decorators = tuple(record.get("d", ()))
        binding = "function" if scope.class_ is None else "method"
        for decorator in decorators:
            if decorator in ("staticmethod", "classmethod"):
                binding = decorator
        if path.endswith(".__new__"):
            binding = "classmethod"
        annotation = record.get("r")
        return Function(
            path,
            parameters,
            self._returns(scope, annotation),
            annotation,
            decorators,
            binding,
            bool(record.get("async")),
            "defined more than once, with other parameters" if record.get("variants") else "",
        )

    def _returns(self, scope: LookupScope, annotation: str | None) -> str | None:
        if annotation in ("Self", "typing.Self", "typing_extensions.Self"):
            return scope.class_
        shape, scope = self._shape(scope, annotation)
        return self._class_path(scope, shape.instance)

    def _value(self, record: Record, path: str, scope: LookupScope) -> Variable:
        annotation = record.get("r") if record["k"] == "p" else record.get("t")
        shape, meant = self._shape(scope, annotation)
        type_ = self._class_path(meant, shape.instance)
        if annotation is None and record.get("x"):
            type_ = self._inferred(record["x"], scope)
        elif record.get("x"):
            type_ = self._never_stepped(record["x"], scope)
        items = record.get("items", {})
        return Variable(
            path,
            annotation,
            record.get("v"),
            type_,
            self._class_path(meant, shape.class_),
            self._class_path(meant, shape.item),
            _choices(shape),
            tuple(items),
            {key: self._item(text, scope) for key, text in items.items()},
            is_property=record["k"] == "p",
            is_settable=record["k"] != "p" or bool(record.get("w")),
            is_instance=bool(record.get("i")),
            is_class=bool(record.get("cv")),
            base=self._common_base(meant, shape.alternatives),
        )

    def _never_stepped(self, origin: str, scope: LookupScope) -> str | None:
        """The class of what is declared as a generator, where it is none: it has no ``__next__``."""
        found = self._inferred(origin, scope)
        cls = self.lookup(found) if found is not None else None
        if not isinstance(cls, Class) or cls.open or cls.external_bases:
            return None
        return None if any(one.own("__next__") for one in cls.mro) else found

    def _item(self, text: str, scope: LookupScope) -> str:
        if text.endswith(PARTIAL):
            function = self._item(text.removesuffix(PARTIAL), scope)
            return f"{function}{PARTIAL}" if function else ""
        if text.endswith("()"):
            type_ = self._inferred(text, scope)
            return f"{type_}()" if type_ else ""
        found = self.resolve_in(LookupScope(scope.module), text) if text else None
        return found.path if isinstance(found, Class | Function) else ""

    def _shape(self, scope: LookupScope, annotation: str | None) -> tuple[hints.Shape, LookupScope]:
        """The shape of an annotation, and where its names are looked up.

        Aliases such as ``Backend = Literal["a", "b"]`` are followed, to the modules that they stand in.
        """
        if annotation is None:
            return hints.Shape(), scope
        shape = hints.parse(annotation)
        for _ in range(3):
            if shape.instance is None:
                break
            alias = self.resolve_in(scope, shape.instance)
            if not isinstance(alias, Variable) or alias.is_instance or alias.source is None:
                break
            inner = hints.parse(alias.source)
            shape = replace(inner, optional=inner.optional or shape.optional)
            module = alias.path.rpartition(".")[0]
            if module in self.modules:
                scope = LookupScope(module)
        return shape, scope

    def _common_base(self, scope: LookupScope, names: Sequence[str]) -> str | None:
        """The nearest torchtitan class that all of several classes are or derive from."""
        classes = [self.resolve_in(scope, name) for name in names]
        first, *others = classes or [None]
        if not isinstance(first, Class) or not all(isinstance(one, Class) for one in others):
            return None
        above = [{each.path for each in one.mro} for one in others if isinstance(one, Class)]
        return next(
            (each.path for each in first.mro if all(each.path in one for one in above)), None
        )

    def _class_path(self, scope: LookupScope, name: str | None) -> str | None:
        if name is None:
            return None
        found = self.resolve_in(scope, name)
        return found.path if isinstance(found, Class) else None

    def _inferred(self, text: str, scope: LookupScope) -> str | None:
        """Type of the value that the chain ``text`` makes, as ``extract`` writes chains.

        A chain starts at a name of the module, at `self`, or at `<annotation>` for a variable of that
        type, and goes on with ``.attribute`` and ``()``.
        """
        current: Class | Function | Module | External | Variable | None
        instance = False
        if text.startswith("<"):
            root, _, rest = text[1:].partition(">")
            current = self.resolve_in(scope, hints.parse(root).instance or "")
            instance = True
        elif text == "self" or text.startswith(("self.", "self(")):
            rest = text[4:]
            current = self.lookup(scope.class_) if scope.class_ else None
            instance = True
        else:
            root, rest = _split_head(text)
            current = self.resolve_in(LookupScope(scope.module), root)
        for step in _steps(rest):
            if step == "()":
                if isinstance(current, Class) and not instance:
                    instance = True
                    continue
                if not isinstance(current, Function) or current.is_async:
                    return None
                current = self.lookup(current.returns) if current.returns else None
                instance = True
                continue
            if isinstance(current, Module):
                current = current.member(step)
            elif isinstance(current, Class):
                current = current.member(step)
                if instance and isinstance(current, Variable):
                    current = self.lookup(current.type) if current.type else None
                else:
                    instance = False
            elif isinstance(current, Variable) and current.type:
                holder = self.lookup(current.type)
                current = holder.member(step) if isinstance(holder, Class) else None
            else:
                return None
        if isinstance(current, Variable):
            return current.type
        return current.path if isinstance(current, Class) and instance else None


_BUILTIN_BASES = frozenset(
    {
        *("object", "dict", "list", "tuple", "set", "str", "int", "float", "type"),
        *("Exception", "BaseException", "ValueError", "RuntimeError", "TypeError", "KeyError"),
        *("NotImplementedError", "property", "staticmethod", "classmethod"),
    }
)


def _choices(shape: hints.Shape) -> tuple[Constant, ...]:
    if shape.choices and shape.optional and None not in shape.choices:
        return (*shape.choices, None)
    return shape.choices


def _padded(parameter: list[Any]) -> tuple[str, int, str | None, str | None]:
    name, kind, *texts = parameter
    annotation, default = (*texts, None, None)[:2]
    return name, kind, annotation, default


def _split_head(chain: str) -> tuple[str, str]:
    """The leading dotted name of ``chain``, and the rest from the first call on."""
    head, call, rest = chain.partition("(")
    return head, call + rest


def _steps(rest: str) -> Iterator[str]:
    """``.a()`` as ``a``, ``()``."""
    for part in rest.replace("()", ".()").split("."):
        if part:
            yield part
