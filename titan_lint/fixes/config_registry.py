"""Job configs, written as the functions of a ``config_registry`` that mean the same."""

from __future__ import annotations

import ast
import keyword
import re
import textwrap
from pathlib import Path

from titan_lint.api import Class, changes, history, job_configs
from titan_lint.api.changes import facts
from titan_lint.api.changes.rows import FqnChange
from titan_lint.api.signatures import Function
from titan_lint.api.targets import label_of
from titan_lint.rewriting import layout
from titan_lint.rewriting.layout import Call, Items
from titan_lint.typeguards import is_list
from titan_lint.uses.jobs import EXTENSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from titan_lint.api.changes.facts import JobAttention, JobKeyChange, JobMove, JobPart
    from titan_lint.api.signatures import Parameter
    from titan_lint.api.targets import Target
    from titan_lint.rewriting.layout import Expression
    from titan_lint.uses.job_settings import Setting, Settings

FRAME = frozenset(
    {
        *("job.description", "model.name", "model.flavor", "model.converters"),
        *("optimizer.name", "optimizer.lr", "optimizer.beta1", "optimizer.beta2"),
        *("optimizer.eps", "optimizer.weight_decay", "optimizer.implementation"),
    }
)
"""Keys that become no single field: the function's docstring, the model and the optimizer."""

_ADAMW = "torchtitan.components.optimizer.default_adamw"
_OPTIMIZERS = "torchtitan.components.optimizer.OptimizersContainer.Config"
_GROUP = "torchtitan.components.optimizer.ParamGroupConfig"
_CHUNKED = "torchtitan.components.loss.ChunkedLossWrapper.Config"
_LOSS = "torchtitan.components.loss.CrossEntropyLoss.Config"
_VOCABULARY = "torchtitan.models.common.config_utils.decoder_vocab_size"
_NUMBER = re.compile(r"-?[0-9][0-9_]*(\.[0-9_]+)?(e[+-]?[0-9]+)?")


class ConvertError(Exception):
    """A job cannot be written for the target; the message is one clause that says why."""


class Registry:
    """A module of functions, one for each job.

    Attributes:
        target: The torchtitan that the module is for.
        text: The source text of the module.
    """

    def __init__(self, jobs: Sequence[tuple[str, Settings]], target: Target) -> None:
        """Write the jobs.

        Args:
            jobs: The path of each file, which names the function, and what the file says.
            target: See the attribute.

        Raises:
            ConvertError: A job cannot be written; the message names the file.
        """
        self.target = target
        self._imports: set[tuple[str, str, str]] = set()
        self._several = len({settings.text("model.name") for _, settings in jobs}) > 1
        functions: dict[str, str] = {}
        for path, settings in jobs:
            name = _name(Path(path).stem, settings.text("model.name"))
            try:
                function = _Function(self, settings).text(name)
            except ConvertError as error:
                raise ConvertError(f"{path}: {error}") from error
            if name in functions or name in {bound for *_, bound in self._imports}:
                raise ConvertError(f"{path}: the name `{name}` is taken: rename the file")
            functions[name] = function
        title = f"Jobs for {target.label}, converted from job configs in TOML."
        head = f'"""{title}"""\n\n{layout.imports(self._imports)}'.rstrip()
        self.text = "\n\n\n".join([head, *functions.values()]) + "\n"

    def signature(self, path: str) -> Mapping[str, Parameter]:
        """The parameters of a class or function of the target, by name.

        Raises:
            ConvertError: The target has no such thing.
        """
        found = self.target.surface.lookup(path)
        if isinstance(found, Class):
            return {field.name: field for field in found.fields}
        if isinstance(found, Function):
            return {each.name: each for each in found.parameters}
        known = facts.job_registry().source.rpartition(" and ")[2]
        raise ConvertError(
            f"{self.target.label} has no `{path}`: jobs are written in the form of {known}"
        )

    def name(self, path: str, *, prefix: str = "") -> str:
        """What something is called in the module, which imports it."""
        self.signature(path)
        parts = path.split(".")
        at = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
        bound = prefix + parts[at]
        self._imports.add((".".join(parts[:at]), parts[at], bound))
        return ".".join([bound, *parts[at + 1 :]])

    def model_registry(self, model: str, path: str) -> str:
        """What the ``model_registry`` of a model, by its path, is called in the module."""
        prefix = f"{model}_" if self._several else ""
        return self.name(path, prefix=prefix)


class _Function:
    """One function in the making."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings
        self._facts = facts.job_registry()
        self._trainer = trainer = settings.trainer
        own = {part.at: part for part in trainer.parts} if trainer is not None else {}
        usual = {part.at: part for part in self._facts.parts}
        self._parts = tuple({**usual, **own}.values())
        self._defaults = self._facts.defaults + (trainer.defaults if trainer is not None else ())
        self._fields: dict[str, dict[str, Expression]] = {}
        self._notes: list[str] = []
        self._calls = self._chosen()

    def text(self, name: str) -> str:
        """The source text of the function."""
        settings = self._settings
        for key, setting in settings.all.items():
            if key not in FRAME and not (self._trainer and tuple(key.split(".")) in EXTENSIONS):
                self._move(key, setting)
        for default in self._defaults:
            at, _, field = default.new.rpartition(".")
            if settings.holds(default.when) and (at in self._fields or self._is_read(at)):
                self._fields.setdefault(at, {})[field] = default.value
        for path, setting, change in settings.unknown:
            why = "no torchtitan known here takes it" if change is None else _why(change)
            self._lose(".".join(path), setting, why)
        model = layout.laid_out(self._model(), 4, len("model_spec = "))
        root = self._fields.setdefault("", {})
        root["model_spec"] = "model_spec"
        root["optimizer"] = self._optimizer()
        root["loss"] = self._loss()
        body = layout.laid_out(self._call(self._parts[0]) or "None", 4, len("return "))
        text = f"def {name}() -> {self._registry.name(self._calls[''] or '')}:\n"
        description = settings.all.get("job.description")
        if description is not None and description.written is not None:
            text += f"    {_docstring(str(description.value))}\n"
        for line in self._comment():
            text += f"    {line}\n"
        return f"{text}    model_spec = {model}\n    return {body}"

    def _chosen(self) -> dict[str, str | None]:
        """What is called at each path."""
        calls: dict[str, str | None] = {}
        for part in self._parts:
            value = self._settings.text(part.by) if part.by else ""
            if value not in part.calls:
                raise ConvertError(f"`{part.by}` is `{value}`, which no torchtitan takes")
            calls[part.at] = part.calls[value]
        for converter in self._facts.converters:
            if converter.name in self._settings.converters:
                calls[converter.at] = converter.call
        model = self._settings.text("model.name")
        if not any(model in each.models for each in self._facts.attention):
            known = sorted({name for each in self._facts.attention for name in each.models})
            target = self._registry.target
            presence = history.find(target.surface, f"torchtitan.models.{model}")
            if presence is not None and presence.earlier:
                last = label_of(presence.surface.provenance)
                raise ConvertError(
                    f"the model `{model}` is gone at {target.label}; {last} has it last"
                )
            jobs = f"torchtitan.experiments.{model}.config_registry"
            if target.surface.lookup(jobs) is not None:
                raise ConvertError(
                    f"the model `{model}` is an experiment's, whose jobs are to be written after `{jobs}`"
                )
            raise ConvertError(f"the model `{model}` is none of {_listed(known)}")
        calls["model_spec"] = self._registry_of(model)
        return calls

    def _move(self, key: str, setting: Setting) -> None:
        """Put what a key says where it belongs now, or say why it has no place."""
        move, settings = job_configs.moved(key, self._trainer), self._settings
        if move is None:
            if setting.written is not None:
                self._lose(key, setting, "nothing is known to mean the same")
            return
        if not settings.holds(move.when):
            return
        now = move.now
        known = ast.literal_eval(now) if now is not None else None
        if move.same_as is not None:
            known = settings.value(move.same_as)
        has_known = now is not None or move.same_as is not None
        if has_known and known == setting.value:
            return
        if move.new is None:
            if has_known or setting.written is not None:
                self._lose(key, setting, _why(move))
            return
        for path in (move.new, *move.also):
            self._put(key, setting, path + key[len(move.old) :])

    def _put(self, key: str, setting: Setting, new: str) -> None:
        """Put what a key says to a path, or say why there is none."""
        settings = self._settings
        at, _, name = new.rpartition(".")
        if (settings.is_default(key) or setting.written is None) and not self._is_read(at):
            return
        path = self._calls[at]
        field = self._registry.signature(path).get(name) if path is not None else None
        if field is None:
            if not any(part.by and part.at == at for part in self._parts):
                self._lose(key, setting, "there is no such field")
            return
        value = (
            self._renamed(key, setting.value)
            if name in facts.fqn_parameters().parameters
            else setting.value
        )
        if field.choices and value not in field.choices:
            self._lose(
                key, setting, f"`{name}` takes {_listed(map(repr, field.choices), 'or')} alone"
            )
            return
        if field.default is not None and job_configs.constant(field.default) == (value,):
            return
        self._fields.setdefault(at, {})[name] = _expression(value, setting.written)

    def _is_read(self, at: str) -> bool:
        """Whether torchtitan reads what is at a path at all, as the job is."""
        return all(self._settings.holds(part.when) for part in self._parts if part.at == at)

    def _renamed(self, key: str, value: object) -> object:
        """Names of modules as the target has them."""
        if is_list(value):
            return [self._renamed(key, item) for item in value]
        model = self._settings.text("model.name")
        for row in changes.of_kind(FqnChange):
            if value != row.old.member or row.new is None:
                continue
            if row.old.models is not None and model not in row.old.models:
                continue
            if len(row.new.names) == len(row.old.names):
                return row.new.name
            self._notes.append(f"{key} names `{value}`: since {row.day} ({row.commit}) {row.note}")
        return value

    def _lose(self, key: str, setting: Setting, why: str) -> None:
        default = "" if setting.written is not None else ", the default"
        self._notes.append(f"{key} = {setting.value!r}{default}: {why}")

    def _call(self, part: JobPart) -> Expression | None:
        """The call at a path, with those in it; ``None`` where there is nothing to say."""
        path = self._calls[part.at]
        if path is None:
            return "None"
        fields = dict(self._fields.get(part.at, {}))
        for inner in self._parts:
            at, _, name = inner.at.rpartition(".")
            if inner.at and at == part.at and (call := self._call(inner)) is not None:
                fields[name] = call
        signature = self._registry.signature(path)
        if not fields and not part.always:
            return None
        missing = fields.keys() - signature.keys()
        if missing:
            raise ConvertError(f"{self._registry.target.label} has no `{min(missing)}` in `{path}`")
        arguments = tuple((name, fields[name]) for name in signature if name in fields)
        return Call(self._registry.name(path), arguments)

    def _model(self) -> Expression:
        """The call of the ``model_registry``."""
        settings, target = self._settings, self._registry.target
        model, flavor = settings.text("model.name"), settings.text("model.flavor")
        signature = self._registry.signature(self._calls["model_spec"] or "")
        fields = self._fields.get("model_spec", {})
        attention = self._attention(model, flavor)
        legacy = facts.legacy_flavors().models.get(model, {}).get(flavor)
        backend = attention.attn_backend if attention is not None else None
        written = flavor
        if legacy is not None:
            written, backend = legacy.flavor, legacy.attn_backend
        accepted = next(iter(signature.values())).accepts
        if accepted is not None and written not in accepted:
            raise ConvertError(
                f"{target.label} has no flavor `{written}` of {model}, but {_listed(map(str, accepted))}"
            )
        if attention is not None and attention.help:
            self._notes.append(f"model.flavor = {flavor!r}: {_why(attention)}")
        if backend is not None:
            fields["attn_backend"] = layout.literal(backend)
        converters = self._converters()
        if converters:
            fields["converters"] = Items(tuple(converters))
        arguments = ((name, fields[name]) for name in signature if name in fields)
        return Call(
            self._registry.model_registry(model, self._registry_of(model)),
            (("", layout.literal(written)), *arguments),
        )

    def _registry_of(self, model: str) -> str:
        """The ``model_registry`` that makes a model."""
        own = self._trainer.model_registry if self._trainer is not None else ""
        return own or f"torchtitan.models.{model}.model_registry"

    def _attention(self, model: str, flavor: str) -> JobAttention | None:
        return next(
            (
                each
                for each in self._facts.attention
                if model in each.models and (each.flavors is None or flavor in each.flavors)
            ),
            None,
        )

    def _converters(self) -> list[Call]:
        settings = self._settings
        compiled = settings.holds({"compile.enable": "True", "compile.components": "'model'"})
        calls: list[Call] = []
        for converter in self._facts.converters:
            path = self._calls.get(converter.at)
            if path is None:
                continue
            fields = self._fields.get(converter.at, {})
            if compiled:
                fields["model_compile_enabled"] = "True"
            arguments = tuple((n, fields[n]) for n in self._registry.signature(path) if n in fields)
            calls.append(Call(self._registry.name(path), arguments))
        known = {converter.name for converter in self._facts.converters}
        for name in settings.converters:
            if name not in known:
                self._notes.append(f"model.converters has {name!r}, which is not known here")
        return calls

    def _optimizer(self) -> Expression:
        """``default_adamw`` where that is what the job has, else the parameter group that it stands for."""
        settings, registry = self._settings, self._registry

        def of(key: str) -> Expression:
            setting = settings.all[f"optimizer.{key}"]
            return _expression(setting.value, setting.written)

        def has(**values: object) -> bool:
            return all(settings.value(f"optimizer.{key}") == value for key, value in values.items())

        betas = f"({layout.laid_out(of('beta1'))}, {layout.laid_out(of('beta2'))})"
        # Each with whether `default_adamw` says so itself.
        values = (
            ("lr", of("lr"), False),
            ("betas", betas, has(beta1=0.9, beta2=0.95)),
            ("eps", of("eps"), has(eps=1e-8)),
            ("weight_decay", of("weight_decay"), has(weight_decay=0.1)),
        )
        container = self._trainer.optimizer if self._trainer is not None else ""
        if has(name="AdamW", implementation="fused"):
            said = tuple((name, value) for name, value, usual in values if not usual)
            usual = Call(registry.name(_ADAMW), said)
            if not container:
                return usual
            groups = f"{layout.laid_out(usual)}.param_groups"
            return Call(registry.name(container), (("param_groups", groups),))
        group = Call(
            registry.name(_GROUP),
            (
                ("pattern", 'r".*"'),
                ("optimizer_name", of("name")),
                ("optimizer_kwargs", Call("dict", tuple((n, value) for n, value, _ in values))),
            ),
        )
        arguments: list[tuple[str, Expression]] = [("param_groups", Items((group,)))]
        if not has(implementation="fused"):
            arguments.append(("implementation", of("implementation")))
        return Call(registry.name(container or _OPTIMIZERS), tuple(arguments))

    def _loss(self) -> Expression:
        """Cross entropy, in chunks: the same sum, and what every ``config_registry`` of torchtitan's has.

        A trainer of its own has a loss of its own.
        """
        name = self._registry.name
        own = self._trainer.loss if self._trainer is not None else _LOSS
        if "global_vocab_size" not in self._registry.signature(own):
            return Call(name(own), ())
        vocabulary = Call(name(_VOCABULARY), (("", "model_spec"),))
        entropy = Call(name(_LOSS), (("global_vocab_size", vocabulary),))
        return Call(name(_CHUNKED), (("loss_fn", entropy),)) if self._trainer is None else entropy

    def _comment(self) -> list[str]:
        if not self._notes:
            return []
        lines = [f"# Without an equivalent in {self._registry.target.label}:"]
        for note in self._notes:
            wrapped = textwrap.wrap(note, 78, break_long_words=False, break_on_hyphens=False)
            lines += [f"# {'  ' if i else '- '}{line}" for i, line in enumerate(wrapped)]
        return lines


def _why(change: JobMove | JobKeyChange | JobAttention) -> str:
    since = f"since {change.day} ({change.commit})"
    return f"{since} {change.help[:1].lower()}{change.help[1:]}" if change.help else f"gone {since}"


def _expression(value: object, written: str | None) -> Expression:
    """A value; a number in the digits of the file.

    Raises:
        ConvertError: It is nothing that a job of torchtitan has.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if written and _NUMBER.fullmatch(written) and ast.literal_eval(written) == value:
            return written
    try:
        return layout.literal(value)
    except ValueError as error:
        raise ConvertError(f"{error}, which a job may have") from error


def _docstring(text: str) -> str:
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{"".join(c if c.isprintable() else "?" for c in text)}"""'


def _listed(words: Iterable[str], last: str = "and") -> str:
    *rest, final = [f"`{word}`" for word in words]
    return f"{', '.join(rest)} {last} {final}" if rest else final


def _name(stem: str, model: str) -> str:
    """A function's name: that of the file, behind the model's where it does not begin so."""
    name = re.sub(r"\W", "_", stem, flags=re.ASCII).strip("_") or "job"
    model = re.sub(r"\W", "_", model, flags=re.ASCII)
    name = name if name.startswith(model) else f"{model}_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
