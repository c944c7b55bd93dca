"""TTN202: imports that move together with all their uses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixing import fix_text
from tests.rules.cases import fixed, found
from tests.rules.import_cases import CODES, becomes, explained, says
from titan_lint.api import bundle, targets
from titan_lint.check import fix as fix_module
from titan_lint.check.lint import lint
from titan_lint.check.suppress import suppress
from titan_lint.code.source import Source
from titan_lint.finding import Severity
from titan_lint.uses.options import Options

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint
    from titan_lint.finding import Finding


def test_a_name_that_another_branch_may_bind_is_left_alone() -> None:
    text = """\
        try:
            from torchtitan.components.lr_scheduler import LRSchedulersContainer
        except ImportError:
            from mylib import LRSchedulersContainer
        LRSchedulersContainer.Config()
        """
    assert says(text) == []


def test_an_alias_is_kept_and_the_import_itself_is_fixed() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile as q
        c = q
        """,
        """\
        from torchtitan.config import CompileConfig as q
        c = q
        """,
    )


@pytest.mark.parametrize(
    ("imports", "bound"),
    [
        # Many statements of one name, and statements of many names.
        (
            [
                f"from torchtitan.components.lr_scheduler import LRSchedulersContainer as L{number}"
                for number in range(250)
            ],
            "torchtitan.components.optimizer.LRSchedulersContainer",
        ),
        (
            [
                "from torchtitan.config.job_config import "
                + ", ".join(f"Comm as L{number + at}" for at in range(10))
                for number in range(0, 250, 10)
            ],
            "torchtitan.config.CommConfig",
        ),
    ],
)
def test_many_imports_that_move_to_one_module_move_together(
    imports: list[str], bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One that fixes, and one that finds nothing more.
    monkeypatch.setattr(fix_module, "MAX_PASSES", 2)
    names = ", ".join(f"L{number}" for number in range(250))
    done = fix_text("\n".join(imports) + f"\n\nx = [{names}]\n", select=["TTN202"])
    assert done.refused is None
    assert len(done.fixed) == 250
    assert done.remaining == []
    (statement, _) = ast.parse(done.source.text).body
    assert isinstance(statement, ast.ImportFrom)
    assert {f"{statement.module}.{alias.name}" for alias in statement.names} == {bound}
    assert {alias.asname for alias in statement.names} == {f"L{number}" for number in range(250)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # They join the import that is there already.
        (
            """\
            from torchtitan.config import CommConfig
            from torchtitan.config.job_config import Debug
            from torchtitan.config.job_config import Training
            x = CommConfig, Debug(), Training()
            """,
            """\
            from torchtitan.config import CommConfig, DebugConfig, TrainingConfig
            x = CommConfig, DebugConfig(), TrainingConfig()
            """,
        ),
        # One that a comment belongs to stays with it.
        (
            """\
            from torchtitan.config.job_config import Debug
            # for the steps
            from torchtitan.config.job_config import Training
            x = Debug(), Training()
            """,
            """\
            from torchtitan.config import DebugConfig
            # for the steps
            from torchtitan.config import TrainingConfig
            x = DebugConfig(), TrainingConfig()
            """,
        ),
        # What stands between may run first.
        (
            """\
            from torchtitan.config.job_config import Debug
            print()
            from torchtitan.config.job_config import Training
            x = Debug(), Training()
            """,
            """\
            from torchtitan.config import DebugConfig
            print()
            from torchtitan.config import TrainingConfig
            x = DebugConfig(), TrainingConfig()
            """,
        ),
        # Lazy ones stay lazy.
        (
            """\
            def f():
                from torchtitan.config.job_config import Debug
                from torchtitan.config.job_config import Training
                return Debug(), Training()
            """,
            """\
            def f():
                from torchtitan.config import DebugConfig, TrainingConfig
                return DebugConfig(), TrainingConfig()
            """,
        ),
    ],
)
def test_imports_that_move_together_stay_where_they_were(text: str, expected: str) -> None:
    becomes(text, expected)


def test_a_suppressed_import_is_left_out_of_what_moves_together() -> None:
    text = (
        "from torchtitan.config.job_config import Debug\n"
        "from torchtitan.config.job_config import Training  # noqa: TTN202\n"
        "from torchtitan.config.job_config import Comm\n\nx = Debug(), Training, Comm()\n"
    )

    def keep(source: Source, findings: list[Finding]) -> list[Finding]:
        return suppress(source, findings, ["TTN202"])

    done = fix_module.fix(
        Source("x.py", text),
        codes=["TTN202"],
        targets=targets.parse("0.3.0"),
        options=Options(),
        keep=keep,
    )
    assert "import Training  # noqa: TTN202" in done.source.text
    assert "DebugConfig(), Training, CommConfig()" in done.source.text


def test_a_parameter_of_the_same_name_is_not_renamed() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile
        def f(Compile):
            return Compile(1)
        def g():
            return Compile(enable=True)
        """,
        """\
        from torchtitan.config import CompileConfig
        def f(Compile):
            return Compile(1)
        def g():
            return CompileConfig(enable=True)
        """,
    )


def test_nested_uses_are_all_renamed() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile
        x = Compile(enable=Compile(enable=Compile(enable=True).enable).enable)
        """,
        """\
        from torchtitan.config import CompileConfig
        x = CompileConfig(enable=CompileConfig(enable=CompileConfig(enable=True).enable).enable)
        """,
    )


def test_a_name_taken_by_something_else_keeps_its_old_name() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile
        CompileConfig = 3
        x = Compile(enable=True)
        """,
        """\
        from torchtitan.config import CompileConfig as Compile
        CompileConfig = 3
        x = Compile(enable=True)
        """,
    )


def test_a_name_that_is_sometimes_something_else_keeps_its_old_name() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile
        if flag:
            Compile = None
        x = Compile
        """,
        """\
        from torchtitan.config import CompileConfig as Compile
        if flag:
            Compile = None
        x = Compile
        """,
    )


def test_quoted_annotations_are_renamed_and_larger_ones_keep_the_name() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile
        def f(x: "Compile"): ...
        """,
        """\
        from torchtitan.config import CompileConfig
        def f(x: "CompileConfig"): ...
        """,
    )
    becomes(
        """\
        from torchtitan.config.job_config import Compile
        def f(x: "list[Compile]"): ...
        """,
        """\
        from torchtitan.config import CompileConfig as Compile
        def f(x: "list[Compile]"): ...
        """,
    )


def test_a_package_that_passes_a_name_on_keeps_it() -> None:
    source = Source("pkg/__init__.py", "from torchtitan.config.job_config import Compile\n")
    (finding,) = lint(
        source, codes=CODES, targets=targets.parse("0.3.0"), options=Options()
    ).findings
    assert finding.fix is not None
    (edit, *more) = finding.fix.edits
    assert not more
    made = source.text[: edit.start] + edit.content + source.text[edit.end :]
    assert made == "from torchtitan.config import CompileConfig as Compile\n"


def test_names_that_move_together_keep_their_layout_and_comments() -> None:
    becomes(
        """\
        from torchtitan.models.attention import (
            create_attention_mask,  # the mask
            get_causal_mask_mod,
            VarlenMetadata as VM,
        )
        print(create_attention_mask, get_causal_mask_mod, VM)
        """,
        """\
        from torchtitan.models.common.attention import (
            create_attention_mask,  # the mask
            get_causal_mask_mod,
            VarlenMetadata as VM,
        )
        print(create_attention_mask, get_causal_mask_mod, VM)
        """,
    )


def test_one_statement_goes_to_several_modules() -> None:
    becomes(
        """\
        from torchtitan.config.job_config import Compile, LRScheduler
        x, y = Compile(), LRScheduler()
        """,
        """\
        from torchtitan.components.optimizer import LRSchedulersContainer
        from torchtitan.config import CompileConfig
        x, y = CompileConfig(), LRSchedulersContainer.Config()
        """,
    )


def test_a_long_import_is_broken_as_a_formatter_would() -> None:
    becomes(
        """\
        from torchtitan.components.lr_scheduler import LRSchedulersContainer
        from torchtitan.components.optimizer import OptimizersContainer, ParamGroupConfig
        """,
        """\
        from torchtitan.components.optimizer import (
            LRSchedulersContainer,
            OptimizersContainer,
            ParamGroupConfig,
        )
        """,
    )


@pytest.mark.parametrize(
    ("others", "order"),
    [
        ("from os import path, PathLike\n", "default_adamw, LRSchedulersContainer"),
        ("from os import PathLike, path\n", "LRSchedulersContainer, default_adamw"),
    ],
)
def test_names_are_sorted_as_the_file_sorts_them(others: str, order: str) -> None:
    before = (
        f"{others}\n"
        "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
        "from torchtitan.components.optimizer import default_adamw\n"
    )
    after = f"{others}\nfrom torchtitan.components.optimizer import {order}\n"
    becomes(before, after)


def test_an_import_inside_a_function_stays_inside() -> None:
    becomes(
        """\
        def f():
            from torchtitan.components.lr_scheduler import LRSchedulersContainer
            return LRSchedulersContainer
        """,
        """\
        def f():
            from torchtitan.components.optimizer import LRSchedulersContainer
            return LRSchedulersContainer
        """,
    )


def test_a_module_import_moves_with_its_dotted_uses() -> None:
    becomes(
        """\
        import torchtitan.components.lr_scheduler
        import torchtitan.components.optimizer
        a = torchtitan.components.lr_scheduler.LRSchedulersContainer.Config()
        b = torchtitan.components.optimizer.OptimizersContainer
        """,
        """\
        import torchtitan.components.optimizer
        a = torchtitan.components.optimizer.LRSchedulersContainer.Config()
        b = torchtitan.components.optimizer.OptimizersContainer
        """,
    )


def test_a_module_of_the_same_name_is_taken_where_there_is_one() -> None:
    becomes(
        """\
        from torchtitan.components import lr_scheduler, optimizer
        a = lr_scheduler.LRSchedulersContainer, optimizer
        """,
        """\
        from torchtitan.components import optimizer
        from torchtitan.components.optimizer import lr_scheduler
        a = lr_scheduler.LRSchedulersContainer, optimizer
        """,
    )


def test_a_name_that_left_a_module_that_stays() -> None:
    becomes(
        """\
        from torchtitan.distributed import utils
        x = utils.TrainContext
        """,
        """\
        from torchtitan.distributed import utils
        x = utils.SpmdContext
        """,
        unsafe=True,
    )


def test_a_dotted_path_of_the_whole_package() -> None:
    becomes(
        """\
        import torchtitan
        x = torchtitan.components.lr_scheduler.LRSchedulersContainer
        """,
        """\
        import torchtitan
        import torchtitan.components.optimizer
        x = torchtitan.components.optimizer.LRSchedulersContainer
        """,
    )


def test_a_module_named_by_a_string() -> None:
    text = """\
        import importlib
        m = importlib.import_module("torchtitan.models.attention")
        print(m.create_attention_mask)
        """
    becomes(text, text)
    becomes(text, text.replace("models.attention", "models.common.attention"), unsafe=True)


def test_imports_for_types_are_infos_and_still_fixed() -> None:
    text = """\
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from torchtitan.components.lr_scheduler import LRSchedulersContainer
        """
    assert [severity for _, severity, _ in says(text)] == ["info"]
    becomes(text, text.replace("lr_scheduler", "optimizer"))


def test_later_homes_lead_back_to_earlier_ones() -> None:
    becomes(
        "from torchtitan.components.optimizer import LRSchedulersContainer\n",
        "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n",
        "2026-05-08",
    )


def test_a_fix_has_to_fit_every_target() -> None:
    source = Source(
        "x.py", "from torchtitan.components.lr_scheduler import LRSchedulersContainer\n"
    )
    both = (*targets.parse("0.2.2"), *targets.parse("0.3.0"))
    (finding,) = lint(source, codes=CODES, targets=both, options=Options()).findings
    assert finding.targets == ("torchtitan 0.3.0",)
    assert finding.fix is None


def test_relative_imports_in_a_fork_are_held_against_it() -> None:
    source = Source("lrs.py", "from .lr_scheduler import LRSchedulersContainer\n")
    (finding,) = lint(
        source,
        codes=CODES,
        targets=targets.parse("0.3.0"),
        options=Options(),
        package="torchtitan.components",
    ).findings
    assert "torchtitan.components.lr_scheduler.LRSchedulersContainer" in finding.said
    assert finding.fix is None


NAMES = st.sampled_from(
    [
        ("torchtitan.components.lr_scheduler", "LRSchedulersContainer"),
        ("torchtitan.config.job_config", "Compile"),
        ("torchtitan.config.job_config", "LRScheduler"),
        ("torchtitan.models.attention", "create_attention_mask"),
        ("torchtitan.models.attention", "VarlenMetadata"),
        ("torchtitan.components.optimizer", "OptimizersContainer"),
        ("torchtitan.config", "CompileConfig"),
        ("os", "path"),
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Imports of every layout, at the top or in a function, and uses of what they bring."""
    lines: list[str] = []
    names: list[str] = []
    for number, (module, name) in enumerate(draw(st.lists(NAMES, min_size=1, max_size=6))):
        bound = draw(st.sampled_from([name, f"alias{number}"]))
        written = name if bound == name else f"{name} as {bound}"
        layout = draw(st.sampled_from(["from {} import {}", "from {} import (\n    {},\n)"]))
        lines.append(layout.format(module, written))
        names.append(bound)
    uses = draw(st.lists(st.sampled_from(names), max_size=6))
    lines += [f"print({use})" for use in uses]
    if draw(st.booleans()):
        body = "\n".join(lines).replace("\n", "\n    ")
        return f"def f():\n    {body}\n"
    return "\n".join(lines) + "\n"


@given(programs())
def test_afterwards_every_import_is_there_and_every_name_is_bound(text: str) -> None:
    result = fixed(text, codes=CODES, unsafe=True)
    tree = ast.parse(result.source.text)
    surface = bundle.load("0.3.0")
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert len({(a.name, a.asname) for a in node.names}) == len(node.names)
            for alias in node.names:
                bound.add(alias.asname or alias.name)
                if node.module != "os":
                    assert surface.lookup(f"{node.module}.{alias.name}") is not None
    loads = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    assert loads <= bound | {"print"}
    before = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    assert len(loads) <= len(before)


def test_a_name_joins_no_import_that_leaves_for_another_module() -> None:
    becomes(
        """\
        from torchtitan.protocols.model import AttentionMasksType
        from torchtitan.protocols.train_spec import ModelProtocol


        class Model(ModelProtocol):
            masks: AttentionMasksType
        """,
        """\
        from torchtitan.models.common.attention import AttentionMasksType
        from torchtitan.protocols.model import BaseModel


        class Model(BaseModel):
            masks: AttentionMasksType
        """,
        unsafe=True,
    )


def test_what_was_beside_it_before_has_not_taken_its_place() -> None:
    text = "from torchtitan.experiments.rl.models.parallelize import parallelize_qwen3\n"
    (message,) = explained(f"{text}print(parallelize_qwen3)\n")
    assert "graph_trainer" not in message


OPTIONAL = {
    "None": "try:\n    {}\nexcept ImportError:\n    LRSchedulersContainer = None\n",
    "nothing": "try:\n    {}\nexcept ImportError:\n    pass\n",
    "any exception": "try:\n    {}\nexcept Exception:\n    LRSchedulersContainer = None\n",
    "a word about it": (
        "import logging\ntry:\n    {}\nexcept ImportError:\n    logging.warning('too old')\n"
    ),
    "suppress": "from contextlib import suppress\nwith suppress(ImportError):\n    {}\n",
    "None before": (
        "LRSchedulersContainer = None\ntry:\n    {}\nexcept ModuleNotFoundError:\n    pass\n"
    ),
}
MOVED = "from torchtitan.components.lr_scheduler import LRSchedulersContainer"
USED = (
    "def schedule(steps):\n    if LRSchedulersContainer is not None:\n"
    "        return LRSchedulersContainer.Config(warmup_steps=steps)\n"
)


@pytest.mark.parametrize("way", OPTIONAL)
def test_an_optional_import_that_never_works_and_has_a_successor_is_a_warning(way: str) -> None:
    text = OPTIONAL[way].format(MOVED) + USED
    (finding,) = found("TTN202", text, codes=("TTN202",))
    assert finding.severity is Severity.WARNING
    assert finding.fix is None
    assert "what needs it is left out" in finding.said
    assert found("TTN202", text, "2026-06-15", codes=("TTN202",)) == []


@pytest.mark.parametrize(
    "text",
    [
        # It asks for the version.
        f"try:\n    {MOVED}\n    OLD = True\nexcept ImportError:\n    OLD = False\n{USED}",
        f"try:\n    {MOVED}\nexcept ImportError:\n    OLD = False\nelse:\n    OLD = True\n{USED}",
        f"try:\n    {MOVED}\nexcept ImportError:\n    LRSchedulersContainer = object\n{USED}",
        f"try:\n    {MOVED}\nexcept ImportError:\n    LRSchedulersContainer = None\n"
        f"OLD = LRSchedulersContainer is not None\n{USED}",
        f"try:\n    {MOVED}\nexcept ImportError:\n    LRSchedulersContainer = None\n"
        "def is_old():\n    return LRSchedulersContainer is not None\n",
        # What stands in its place is another thing.
        "try:\n    from torchtitan.models.llama3 import llama3_args\nexcept ImportError:\n"
        "    llama3_args = None\nprint(llama3_args)\n",
        # The new place is known, before or after.
        f"try:\n    {MOVED}\nexcept ImportError:\n"
        f"    from torchtitan.components.optimizer import LRSchedulersContainer\n{USED}",
        f"try:\n    {MOVED}\nexcept ImportError:\n    LRSchedulersContainer = None\n"
        "import torchtitan.components.optimizer as optimizer\n"
        f"New = optimizer.LRSchedulersContainer\n{USED}",
        # Something else of torchtitan's is put in its place.
        f"try:\n    {MOVED}\nexcept ImportError:\n    LRSchedulersContainer = None\n"
        "from torchtitan.components.optimizer import default_adamw\n"
        "def make():\n    if LRSchedulersContainer is None:\n        return default_adamw(lr=1.0)\n"
        "    return LRSchedulersContainer.Config()\n",
        f"try:\n    {MOVED}\nexcept ImportError:\n    LRSchedulersContainer = None\n"
        "def make():\n    if LRSchedulersContainer is not None:\n"
        "        return LRSchedulersContainer.Config()\n"
        "    from torchtitan.components.optimizer import default_adamw\n"
        "    return default_adamw(lr=1.0)\n",
        # Nothing needs it.
        f"try:\n    {MOVED}\nexcept ImportError:\n    pass\n",
        # Nothing is known to have taken its place.
        "try:\n    from torchtitan.protocols.train_spec import get_train_spec\n"
        "except ImportError:\n    get_train_spec = None\nprint(get_train_spec)\n",
        # It never gets there.
        f"if 0:\n    try:\n        {MOVED}\n    except ImportError:\n        pass\n{USED}",
    ],
)
def test_an_optional_import_that_asks_or_has_another_way_is_left_alone(text: str) -> None:
    assert found("TTN202", text, codes=("TTN202",)) == []


@pytest.mark.parametrize(
    ("body", "is_moved"),
    [
        ("def f(c: JobConfig):\n    return c.model.name, c.training.steps\n", True),
        ("def f(c: JobConfig):\n    return c.model.norm_type\n", False),
        ("def f(c: JobConfig):\n    t = c.training\n    return getattr(t, 'fp8_linear')\n", False),
        ("def f(c: JobConfig):\n    return getattr(c.training, 'fp8_linear', 1)\n", True),
        ("def f(c: JobConfig):\n    return hasattr(c, 'own') and c.own\n", True),
        ("class My(JobConfig):\n    def f(self):\n        return self.parser\n", False),
        (
            "class My(JobConfig):\n    parser = 1\n    def f(self):\n        return self.parser\n",
            True,
        ),
        ("class My(JobConfig, Other):\n    def f(self):\n        return self.parser\n", True),
        # What a known version has lost is reported behind the new import.
        ("def f(c: JobConfig):\n    return c.training.seed\n", True),
    ],
)
def test_a_class_is_not_taken_from_where_nobody_would_tell_that_it_lacks_what_is_read_of_it(
    body: str, is_moved: bool
) -> None:
    text = f"from torchtitan.config_manager import TORCH_DTYPE_MAP, JobConfig\n{body}"
    result = fixed(text, "0.2.2", unsafe=True, codes=CODES).source.text
    assert "from torchtitan.config import TORCH_DTYPE_MAP" in result
    assert ("from torchtitan.config_manager import JobConfig" in result) is not is_moved


@pytest.mark.parametrize(
    ("form", "cls"),
    [
        ("import torchtitan.components.lr_scheduler as lrs", "lrs.LRSchedulersContainer"),
        ("import torchtitan.components.lr_scheduler", "{}.LRSchedulersContainer"),
    ],
)
@pytest.mark.parametrize(("member", "is_moved"), [("step", True), ("never_had", False)])
def test_a_module_is_not_taken_for_one_whose_class_lacks_what_is_read_of_it(
    form: str, cls: str, member: str, is_moved: bool
) -> None:
    cls = cls.format("torchtitan.components.lr_scheduler")
    text = f"{form}\ndef f(c: {cls}):\n    return c.{member}\n"
    result = fixed(text, "0.3.0", unsafe=True, codes=CODES).source.text
    assert ("lr_scheduler" not in result) is is_moved


@pytest.mark.parametrize(
    ("form", "module"),
    [
        ("from torchtitan.experiments.ft import optimizer", "optimizer"),
        ("from torchtitan.experiments.ft import optimizer as part", "part"),
        ("import torchtitan.experiments.ft.optimizer as part", "part"),
        ("import torchtitan.experiments.ft.optimizer", "torchtitan.experiments.ft.optimizer"),
    ],
)
@pytest.mark.parametrize(("member", "is_moved"), [("param_groups", True), ("beta2", False)])
def test_a_module_is_not_taken_for_one_where_a_class_goes_by_another_name_and_lacks_what_is_read_of_it(
    form: str, module: str, member: str, is_moved: bool
) -> None:
    text = f"{form}\n\nvalue = {module}.FTOptimizersContainer.Config().{member}\n"
    result = fixed(text, "0.3.0", unsafe=True, codes=CODES).source.text
    assert ("experiments.torchft" in result) is is_moved
    assert is_moved or result == text


HANDED = "from torchtitan.config.job_config import {}\n\n\n"


@pytest.mark.parametrize(
    "use",
    [
        "def make(given):\n    return build(Parallelism, given)\n",
        "def make(given):\n    return build(given, cls=Parallelism)\n",
        "def make(**given):\n    return functools.partial(Parallelism, **given)()\n",
        "KINDS = {'parallelism': Parallelism}\n",
        "KINDS = [('parallelism', Parallelism)]\n",
        "def kind():\n    return Parallelism\n",
        "Mine = Parallelism\n",
        "def make(given, cls=Parallelism):\n    return cls(**given)\n",
        "kind = lambda: Parallelism\n",
        "for cls in (Parallelism,):\n    cls(**given)\n",
        "made = [cls(**given) for cls in (Parallelism,)]\n",
        "made = (own if own else Parallelism)(**given)\n",
        "def make(cls=None):\n    cls = cls or Parallelism\n    return cls(**given)\n",
        "made = {'p': Parallelism}['p'](**given)\n",
        "def kinds():\n    yield Parallelism\n",
        "KINDS += [Parallelism]\n",
        "class Own(Section, section=Parallelism): ...\n",
        "class Own(Loader[Parallelism]): ...\n",
        "class Job:\n    p: Parallelism\n\nmade = get_type_hints(Job)['p'](**given)\n",
        "class Job:\n    p: Parallelism\n\nmade = Job.__annotations__['p'](**given)\n",
        "def f(p: Parallelism): ...\n\nmade = signature(f).parameters['p'].annotation(**given)\n",
        "class Job:\n    p: Parallelism = field(default_factory=Parallelism)\n\n"
        "for f in fields(Job):\n    kind = f.type\n    kind(**given)\n",
        "class Job:\n    p: Parallelism = field(default_factory=Parallelism)\n\n"
        "made = [f.default_factory(**given) for f in ask(Job)]\n",
        # Fields of a class with slots are no attributes of it.
        "parser.add_argument('--tp', default=Parallelism.tensor_parallel_degree)\n",
        "print(getattr(Parallelism, 'tensor_parallel_degree'))\n",
        "def f(given):\n    match given:\n        case Parallelism(1):\n            return 1\n",
        # The type of a field is called with what a file of settings says.
        "class Actor:\n    parallelism: Parallelism = field(default_factory=Parallelism)\n\n"
        "    def fill(self, given):\n        for f in fields(self):\n"
        "            setattr(self, f.name, f.type(**given[f.name]))\n",
        "class Actor:\n    parallelism: 'Parallelism | None' = None\n    other: Parallelism | None = None\n\n"
        "def fill(f, given):\n    return f.type(**given)\n",
    ],
)
def test_a_class_that_loses_fields_is_not_renamed_safely_where_it_may_be_made_unseen(
    use: str,
) -> None:
    text = HANDED.format("Parallelism") + use
    assert "config.job_config" in fix_text(text, select=["TTN202"]).source.text
    assert "ParallelismConfig" in fix_text(text, select=["TTN202"], unsafe=True).source.text


@pytest.mark.parametrize(
    "use",
    [
        "def f(given: Parallelism) -> Parallelism | None:\n    return given\n",
        "def f(given: list[Parallelism]): ...\n",
        "class Actor:\n    parallelism: Parallelism = field(default_factory=Parallelism)\n",
        "class Actor:\n    parallelism: Parallelism = field(default_factory=lambda: Parallelism())\n",
        "def f(given):\n    return isinstance(given, (Parallelism, dict))\n",
        "def f(given):\n    return type(given) is Parallelism\n",
        "def f(given):\n    return [one.name for one in fields(Parallelism)]\n",
        "print(Parallelism(tensor_parallel_degree=2))\n",
        "def f(kind):\n    return kind.type(1)\n\n\ndef g(given: Parallelism): ...\n",
    ],
)
def test_what_makes_nothing_unseen_is_renamed_safely(use: str) -> None:
    text = HANDED.format("Parallelism") + use
    assert "config.job_config" not in fix_text(text, select=["TTN202"]).source.text


TRAINING = "from torchtitan.config.job_config import Training\n\n\n{}"
NEEDS_DICTIONARY = {
    "vars": "given = Training(steps=3)\nprint(vars(given))\n",
    "its dictionary": "given = Training(steps=3)\nprint(given.__dict__)\n",
    "set by its dictionary": "given = Training(steps=3)\ngiven.__dict__['steps'] = 4\n",
    "as keywords": "given = Training(steps=3)\nprint(dict(**vars(given)))\n",
    "of a parameter": "def show(given: Training):\n    return vars(given)\n",
    "of a derived class": "class Mine(Training):\n    def show(self):\n        return self.__dict__['steps']\n",
    "a weak reference": "import weakref\n\nheld = Training()\nseen = weakref.ref(held)\n",
    "a proxy": "from weakref import proxy\n\nheld = Training()\nseen = proxy(held)\n",
    "beside slots of its own": "class Own:\n    __slots__ = ('x',)\n\n\nclass Mine(Own, Training):\n    pass\n",
    "beside a dataclass with slots": "from dataclasses import dataclass\n\n\n@dataclass(slots=True)\n"
    "class Own:\n    x: int = 1\n\n\nclass Mine(Training, Own):\n    pass\n",
    "beside torchtitan's": "from torchtitan.config import CompileConfig\n\n\nclass Mine(Training, CompileConfig):\n"
    "    pass\n",
}


@pytest.mark.parametrize("use", NEEDS_DICTIONARY.values(), ids=NEEDS_DICTIONARY)
def test_a_class_that_gets_slots_is_not_renamed_where_it_needs_a_dictionary(use: str) -> None:
    text = TRAINING.format(use)
    for unsafe in (False, True):
        assert fix_text(text, select=["TTN202"], unsafe=unsafe).source.text == text


def test_two_bases_that_both_get_slots_stay_as_they_are() -> None:
    text = "from torchtitan.config.job_config import Parallelism, Training\n\n\nclass Mine(Training, Parallelism): ...\n"
    assert fix_text(text, select=["TTN202"], unsafe=True).source.text == text


MAY_NEED_DICTIONARY = (
    "def show(given):\n    return vars(given)\n",
    "def show(given):\n    return {k: v for k, v in given.__dict__.items()}\n",
    "def show(self):\n    return vars(self.config.training)\n",
    "import weakref\n\n\ndef hold(given):\n    return weakref.ref(given)\n",
)


@pytest.mark.parametrize("use", MAY_NEED_DICTIONARY)
def test_a_class_that_gets_slots_is_not_renamed_safely_where_a_dictionary_may_be_asked_for(
    use: str,
) -> None:
    text = TRAINING.format("t = Training(steps=3)\n") + use
    assert "TrainingConfig" not in fix_text(text, select=["TTN202"]).source.text
    assert "TrainingConfig" in fix_text(text, select=["TTN202"], unsafe=True).source.text


@pytest.mark.parametrize(
    "use",
    [
        "import argparse\n\nargs = argparse.ArgumentParser().parse_args()\nprint(vars(args))\n",
        "class Own:\n    def show(self):\n        return self.__dict__\n",
        "class Own:\n    pass\n\n\nclass Mine(Own, Training):\n    pass\n",
        "import sys\n\nprint(vars(sys))\n",
    ],
)
def test_what_else_is_asked_for_its_dictionary_keeps_no_class_from_its_new_name(use: str) -> None:
    assert "TrainingConfig" in fix_text(TRAINING.format(use), select=["TTN202"]).source.text


COMPILE = "from torchtitan.config.job_config import Compile\n\n\n{}"
BY_POSITION = {
    "fields of its own": "from dataclasses import dataclass\n\n\n@dataclass\nclass Mine(Compile):\n    extra: int = 0\n\n\n"
    "made = Mine(True)\n",
    "unpacked": "class Mine(Compile):\n    pass\n\n\ndef make(*given):\n    return Mine(*given)\n",
    "unpacked, further down": "class Mine(Compile):\n    pass\n\n\nclass Other(Mine):\n    pass\n\n\n"
    "def make(given):\n    return Other(*given)\n",
    "handed on": "class Mine(Compile):\n    def __init__(self, *given):\n        super().__init__(*given)\n",
    "handed on by name": "class Mine(Compile):\n    def __init__(self, *given, **more):\n"
    "        Compile.__init__(self, *given, **more)\n",
}


@pytest.mark.parametrize("use", BY_POSITION.values(), ids=BY_POSITION)
def test_a_base_that_takes_keywords_alone_gets_no_new_name_where_positions_may_be_given(
    use: str,
) -> None:
    text = COMPILE.format(use)
    assert fix_text(text, select=["TTN202"], unsafe=True).source.text == text


@pytest.mark.parametrize(
    "use",
    [
        "made = list(map(Compile, [True]))\n",
        "def kind(given):\n    match given:\n        case Compile(True):\n            return 1\n",
        "KINDS = {'compile': Compile}\n\n\ndef make(kind, given):\n    return kind(given)\n",
        "made = [kind(*given) for kind in (Compile,)]\n",
    ],
)
def test_a_class_that_takes_keywords_alone_is_not_renamed_safely_where_it_may_be_made_unseen(
    use: str,
) -> None:
    text = COMPILE.format(use)
    assert fix_text(text, select=["TTN202"]).source.text == text
    assert "CompileConfig" in fix_text(text, select=["TTN202"], unsafe=True).source.text


@pytest.mark.parametrize(
    "use",
    [
        "class Mine(Compile):\n    pass\n\n\nmade = Mine(enable=True)\n",
        "class Mine(Compile):\n    def __init__(self, *given):\n        super().__init__(enable=bool(given))\n",
        "class Mine(Compile):\n    pass\n\n\nmade = other(*given)\n",
        "made = Compile(enable=True)\n",
        "KINDS = {'compile': Compile}\n",
        "KINDS = {'compile': Compile}\n\n\ndef make(kind, given):\n    return kind(**given)\n",
    ],
)
def test_a_class_that_takes_keywords_alone_is_renamed_safely_where_these_are_given(
    use: str,
) -> None:
    assert "CompileConfig" in fix_text(COMPILE.format(use), select=["TTN202"]).source.text


@pytest.mark.parametrize(
    ("use", "is_fixed"),
    [
        ("from base import Mine\n\nmade = Mine(True)\n", False),
        ("import base\n\nmade = base.Mine(*given)\n", False),
        ("from base import Mine\n\nmade = Mine(enable=True)\n", True),
    ],
)
def test_another_file_may_give_a_derived_class_positions(
    project: Path, titan_lint: TitanLint, use: str, is_fixed: bool
) -> None:
    own = "from dataclasses import dataclass\n\n\n@dataclass\nclass Mine(Compile):\n    extra: int = 0\n"
    (project / "base.py").write_text(COMPILE.format(own))
    (project / "use.py").write_text(use)
    run = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN202", "--diff")
    assert ("CompileConfig" in titan_lint(*run).out) is is_fixed


def test_what_another_file_takes_from_here_may_be_made_there(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "base.py").write_text(HANDED.format("Parallelism"))
    run = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN202", "--diff")
    assert "ParallelismConfig" in titan_lint(*run).out
    (project / "use.py").write_text("from base import Parallelism\n\nmade = Parallelism(**given)\n")
    assert "ParallelismConfig" not in titan_lint(*run).out


def test_what_is_made_of_no_arguments_may_be_handed_on() -> None:
    text = "from torchtitan.protocols.sharding import MeshDimName\n\nshow(MeshDimName)\n"
    assert "MeshAxisName" in fix_text(text, select=["TTN202"]).source.text


def test_a_class_that_loses_nothing_may_be_handed_on() -> None:
    text = HANDED.format("Comm") + "def make(given):\n    return build(Comm, given)\n"
    assert "CommConfig" in fix_text(text, select=["TTN202"]).source.text


WORKED_OUT = {
    "an attribute": "import base\n\n\ndef make(kind):\n    return getattr(base, kind.capitalize())\n",
    "a hook": "def __getattr__(name):\n    import base\n    return getattr(base, name)\n",
    "all": "import base as _b\n\nglobals().update({k: v for k, v in vars(_b).items() if k[0] != '_'})\n",
    "its dictionary": "import base\n\nKINDS = base.__dict__\n",
    "members": "import inspect\n\nimport base\n\nKINDS = dict(inspect.getmembers(base))\n",
    "by its path": "from importlib import import_module\n\n\ndef make(kind):\n"
    "    module = import_module('base')\n    return getattr(module, kind)\n",
}


@pytest.mark.parametrize("other", WORKED_OUT.values(), ids=WORKED_OUT)
def test_a_name_stays_where_another_file_asks_for_names_that_are_worked_out(
    project: Path, titan_lint: TitanLint, other: str
) -> None:
    run = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN202", "--diff")
    (project / "base.py").write_text(TRAINING.format("LIMIT = Training(steps=4).steps\n"))
    assert "+LIMIT = TrainingConfig(" in titan_lint(*run).out
    (project / "use.py").write_text(other)
    assert "import TrainingConfig as Training" in titan_lint(*run).out
    (project / "use.py").write_text(other.replace("base", "other"))
    assert "+LIMIT = TrainingConfig(" in titan_lint(*run).out


@pytest.mark.parametrize(
    ("use", "other", "is_safe"),
    [
        ("made = {Training.__name__: Training(steps=3)}\n", "", False),
        ("def tell(given):\n    return type(given).__name__ == 'Training'\n", "", False),
        (
            "made = Training()\n",
            "def tell(x):\n    return x.__class__.__name__ in ('Training',)\n",
            False,
        ),
        ("made = Training()\n", "def tell(x):\n    return type(x).__name__\n", True),
        ("made = Training()\n", "MODES = ('Training', 'Evaluation')\n", True),
        ("import logging\n\nlog = logging.getLogger(__name__)\nmade = Training()\n", "", True),
    ],
)
def test_a_class_that_somebody_may_tell_by_its_name_is_not_renamed_safely(
    project: Path, titan_lint: TitanLint, use: str, other: str, is_safe: bool
) -> None:
    run = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN202", "--diff")
    (project / "base.py").write_text(TRAINING.format(use))
    (project / "other.py").write_text(other)
    assert ("TrainingConfig" in titan_lint(*run).out) is is_safe
    assert "TrainingConfig" in titan_lint(*run, "--unsafe-fixes").out


@pytest.mark.parametrize(
    ("use", "is_safe"),
    [
        ("return vars(given)", False),
        ("given.note = 'x'", False),
        ("setattr(given, 'note', 'x')", False),
        ("setattr(given, *pair)", False),
        ("return given.__dict__", False),
        ("given.steps = 4", True),
        ("setattr(given, 'steps', 4)", True),
        ("return vars(other)", True),
    ],
)
@pytest.mark.parametrize("in_one", [True, False])
def test_what_a_function_needs_of_what_it_is_given_is_kept(
    project: Path, titan_lint: TitanLint, use: str, is_safe: bool, in_one: bool
) -> None:
    run = ("--isolated", "--no-cache", "--torchtitan=0.3.0", "--select=TTN202", "--diff")
    text = f"def tell(given, pair=()):\n    import argparse as other\n\n    {use}\n"
    call = "\n\ntell(Training(steps=3))\n"
    own = text if in_one else "from helpers import tell\n"
    (project / "base.py").write_text(TRAINING.format(own) + call)
    (project / "helpers.py").write_text("" if in_one else text)
    assert ("TrainingConfig" in titan_lint(*run).out) is is_safe
