"""A slice of the programs that are executed; ``python -m tests.agreement.run`` runs more of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.agreement import uses
from tests.agreement.classes import Case, class_of
from tests.agreement.oracle import Oracle, Result, missing
from tests.agreement.programs import MAIN, Program, program
from tests.agreement.run import FALSE_ALARM, PASSED_OVER, Agreement, judged
from tests.agreement.uses import Use
from tests.agreement.verdicts import Said
from tests.rules.patch_cases import MODULE, failing, working

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Modules that most code uses; importing all of torchtitan takes longer than the slice.
MODULES = (
    "torchtitan.components.checkpoint",
    "torchtitan.components.loss",
    "torchtitan.components.optimizer",
    "torchtitan.components.tokenizer",
    "torchtitan.config",
    "torchtitan.config.job_config",
    "torchtitan.config.configs",
    "torchtitan.distributed",
    "torchtitan.distributed.utils",
    "torchtitan.models.llama3",
    "torchtitan.models.llama3.model.args",
    "torchtitan.models.llama3.model",
    "torchtitan.protocols.train_spec",
    "torchtitan.protocols.model_spec",
    "torchtitan.tools.utils",
)
SLICE = 100

# What is still to be mended, in this slice.
KNOWN: frozenset[str] = frozenset()

needs_torchtitan = pytest.mark.skipif(bool(missing()), reason=missing() or "torch is installed")


def made(text: str, **about: object) -> Program:
    use = Use("name", "torchtitan.config", "JobConfig", "{x}", words=("JobConfig",), **about)  # type: ignore[arg-type]
    return Program("0.2.2", 0, ((MAIN, text),), text, use, "", "", "", "")


@pytest.fixture(scope="module")
def agreement() -> Iterator[Agreement]:
    """Two releases, imported once for all programs here: none sees what another one did."""
    assert MODULE in MODULES
    made = Agreement([("0.2.2", "0.3.0"), ("0.3.0", "0.2.2")], {}, 2, modules=MODULES)
    try:
        yield made
    finally:
        made.close()


@needs_torchtitan
@pytest.mark.network
def test_verdicts_on_a_slice_of_programs_are_those_of_the_releases(agreement: Agreement) -> None:
    for release in ("0.2.2", "0.3.0"):
        agreement.run(release, range(SLICE))
    examples = {k: e for counts in agreement.counts.values() for k, e in counts.examples.items()}
    assert {kind: e for kind, e in examples.items() if kind not in KNOWN} == {}
    assert examples.keys() >= KNOWN, "what is mended is not known any more"
    for counts in agreement.counts.values():
        # There is something to agree on.
        assert counts.numbers["works"] > 20
        assert counts.numbers["fails"] > 20


@needs_torchtitan
@pytest.mark.network
def test_the_worker_tells_what_works_fails_hangs_and_dies(agreement: Agreement) -> None:
    texts = {
        "from torchtitan.config import ParallelismConfig\n": "works",
        "raise SystemExit(0)\n": "works",
        "from torchtitan.config import JobConfig\n": "fails",
        "import os\nos._exit(3)\n": "dies",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n": "dies",
        "import torchtitan.config\ntorchtitan.config.Own = 1\n": "works",
        "import torchtitan.config\ntorchtitan.config.ParallelismConfig\n": "works",
        # What torchtitan takes from packages that are not installed here has stand-ins.
        "from torchtitan.models.flux import model_registry\n": "works",
        "from vllm.attention import Layer\nLayer.kind, Layer(1)\n": "works",
        "import vllm\nclass Own(vllm.Layer):\n    pass\nOwn.kind\n": "fails",
        "import no_such_package\n": "fails",
    }
    results = agreement.oracles["0.3.0"].run([made(text) for text in texts], 2)
    assert [result.outcome for result in results] == list(texts.values())
    assert "JobConfig" in results[2].error
    assert results[-1].missing == "no_such_package"


@needs_torchtitan
@pytest.mark.network
def test_patches_do_on_the_release_what_the_rules_are_told_that_they_do(
    agreement: Agreement,
) -> None:
    cases = {name: (text, "works") for name, text in working().items()}
    cases |= {f"not {name}": (text, "fails") for name, text in failing().items()}
    cases = dict(list(cases.items())[::4])
    oracle = agreement.oracles["0.3.0"]
    # What a program imports first itself would be new to every one of them.
    oracle.imported(["pytest", "unittest.mock"])
    jobs = [
        {
            "files": {"main": text},
            "main": "main",
            "use": [MODULE, ""],
            "stop": [],
            "alone": True,
            "fresh": [],
        }
        for text, _ in cases.values()
    ]
    oracle.ask({"programs": jobs, "jobs": 2})
    results = oracle.results()
    wrong = {
        name: result
        for (name, (_, outcome)), result in zip(cases.items(), results, strict=True)
        if result.outcome != outcome
    }
    # What is imported already is not stubbed by default.
    assert wrong.keys() <= {"a stub: setdefault"}


def test_a_verdict_is_held_against_what_became_of_the_program() -> None:
    error = Said("TTN201", "error", "`JobConfig` is gone", "")
    other = Said("TTN201", "error", "`Trainer` is gone", "")
    info = Said("TTN201", "info", "`JobConfig` is gone", "")
    works, fails = Result("works"), Result("fails", "ImportError: JobConfig")
    one = made("")
    assert judged(one, "0.3.0", works, (), {})[0] == "agree"
    assert judged(one, "0.3.0", fails, (error,), {})[0] == "agree"
    assert judged(one, "0.3.0", works, (info,), {})[0] == "agree"
    assert judged(one, "0.3.0", works, (error,), {}) == (FALSE_ALARM, "")
    assert judged(one, "0.3.0", fails, (), {}) == (PASSED_OVER, "")
    assert judged(one, "0.3.0", fails, (info,), {})[0] == PASSED_OVER
    assert judged(one, "0.3.0", fails, (other,), {})[0] == PASSED_OVER
    assert judged(one, "0.3.0", Result("fails", missing="vllm"), (), {})[0] == "undecided"
    assert judged(one, "0.3.0", Result("hangs"), (), {})[0] == PASSED_OVER
    conflict = Result("fails", "TypeError: metaclass conflict: the metaclass of a derived class")
    assert judged(one, "0.3.0", conflict, (), {})[0] == "undecided"
    flash = made("registry('20b', attn_backend='flex_flash')\n")
    asks = Result("fails", "ValueError: Flash backend is only supported on Hopper or Blackwell")
    assert judged(flash, "0.3.0", asks, (), {})[0] == "undecided"
    assert judged(flash, "0.3.0", works, (error,), {})[0] == "undecided"
    assert judged(flash, "0.3.0", fails, (), {})[0] == PASSED_OVER


def test_a_comparison_of_the_version_is_what_is_wrong_with_a_program_at_main_alone() -> None:
    warning = Said("TTN404", "warning", "main called itself 0.2.2", "")
    fails = Result("fails", "ImportError: JobConfig")
    asked = replace(made(""), surrounding="version")
    assert judged(asked, "main@b5bcd76c6", fails, (warning,), {})[0] == "agree"
    assert judged(asked, "0.3.0", fails, (warning,), {})[0] == PASSED_OVER
    assert judged(made(""), "main@b5bcd76c6", fails, (warning,), {})[0] == PASSED_OVER


def test_a_program_is_the_same_each_time_it_is_drawn() -> None:
    first = [program("0.2.2", number, MODULES) for number in range(20)]
    uses._uses_of.cache_clear()  # pyright: ignore[reportPrivateUsage]
    assert [program("0.2.2", number, MODULES) for number in reversed(range(20))] == first[::-1]
    assert len({one.main for one in first}) > 15


def test_a_name_of_torchtitans_that_is_called_as_a_module_of_the_program_stays() -> None:
    one = made("if True:\n    from compat import main\n")
    job = replace(one, files=(("compat", "from torchtitan.train import main\n"), *one.files)).job()
    assert job["files"] == {
        "agreement_0_compat": "from torchtitan.train import main\n",
        "agreement_0_main": "if True:\n    from agreement_0_compat import main\n",
    }


def test_every_program_is_python() -> None:
    for number in range(200):
        one = program("0.3.0", number, MODULES)
        for name, text in one.files:
            compile(text, name, "exec", dont_inherit=True)
        compile(one.executed, MAIN, "exec", dont_inherit=True)


def case(
    surrounding: str,
    error: str,
    place: str = "",
    reach: str = "",
    text: str = "",
    use: tuple[str, str, str] = ("member", "torchtitan.distributed", "ParallelDims"),
) -> Case:
    drawn = Program(
        *("0.2.0", 0, ((MAIN, text),), ""),
        Use(*use, "", words=("_build_mesh_with_ep",)),
        *(reach, "", place, surrounding),
    )
    release = "0.3.0" if use[2] == "Float8Linear" else "0.2.1"
    return Case(drawn, release, Result("fails", error), (), {})


def chain(member: str, error: str) -> Case:
    """What became of a program that reads a member of the activation checkpointing of a trainer's config."""
    about = case("", error)
    words = ("activation_checkpoint", member)
    use = replace(about.program.use, kind="chain", words=words)
    return replace(about, program=replace(about.program, use=use), release="0.3.0")


FLOAT8 = ("field, keyword", "torchtitan.components.quantization.float8", "Float8Linear")
CONFIG = ("field, keyword", "torchtitan.config", "Parallelism")
NO_FORWARD = 'is missing the required "forward" function'
ANSWERING = """\
import torchtitan.experiments.compiler_toolkit.graph_utils as titan
titan.CompiledModule.Config
"""


GONE = "AttributeError: 'Config' object has no attribute 'memory_budget'"


@pytest.mark.parametrize(
    ("about", "name"),
    [
        (chain("memory_budget", GONE), "a field of several"),
        (chain("memory_budget", "TypeError: x"), ""),
        (replace(case("version", "AttributeError: x"), release="main@b5bcd76c6"), "behind a comp"),
        (case("version", "AttributeError: x"), ""),
        (chain("never_had", "AttributeError: 'Config' object has no attribute 'never_had'"), ""),
        (case("brought along", "AttributeError: Mock object has no attribute 'x'"), "stand-in"),
        (case("patched", "TypeError: X is not a type object (MagicMock)"), "stand-in"),
        (case("", "AttributeError: Mock object has no attribute 'x'"), ""),
        (case("patched", "AttributeError: 'X' object has no attribute 'x'"), ""),
        (case("", "AttributeError: 'ParallelDims' object has no", "annotated"), "declared"),
        (case("", "AttributeError: 'ParallelDims' object has no", "directly"), ""),
        (case("", "AttributeError: 'ParallelDims' object has no", "asserted instance"), "declared"),
        (case("", "AttributeError: 'ParallelDims' object has no", "type is"), ""),
        (case("", "TypeError: unexpected keyword argument", "annotated"), ""),
        (
            case(
                "",
                "KeyError: 'memory_budget'",
                "annotated",
                text="from torchtitan.distributed import ParallelDims\n",
                use=("field, item", "torchtitan.distributed", "ParallelDims"),
            ),
            "declared",
        ),
        (case("", "KeyError: 'memory_budget'", "annotated"), ""),
        (
            # As a fix writes it: the class that is used is not the one that was.
            case(
                "",
                "TypeError: takes 1 positional argument",
                "annotated",
                text="from torchtitan.distributed import ParallelDims as Theirs\n\n\n"
                "def use(config: Theirs): ...\n",
                use=("method, position", "torchtitan.gone", "Gone"),
            ),
            "declared",
        ),
        (
            case(
                "flag of an import", "TypeError: x", text="try:\n    a = f()\nexcept A:\n    pass"
            ),
            "a flag",
        ),
        (
            case("flag of an import", "TypeError: x", text="try:\n    a = f\nexcept A:\n    pass"),
            "",
        ),
        (
            case(
                "",
                "KeyError: 'x'",
                use=("flavor", "torchtitan.experiments.simple_fsdp.llama3", "get_train_spec"),
            ),
            "the spec",
        ),
        (
            case("", "KeyError: 'x'", use=("flavor", "torchtitan.models.llama3", "get_train_spec")),
            "",
        ),
        (case("optional import", "AttributeError: None does not have the attribute"), "optional"),
        (case("", "AttributeError: None does not have the attribute"), ""),
        (case("getattr with default", "AttributeError: x", "if instance"), "behind a test for"),
        (case("getattr with default", "AttributeError: x", "directly"), ""),
        (case("optional import", "NameError: name 'X'", reach="star"), "a star import"),
        (case("brought along", "TypeError: isinstance() arg 2 must be a type"), "stand-in"),
        (case("", "TypeError: isinstance() arg 2 must be a type"), ""),
        (case("", "TypeError: must be called with a dataclass type", use=FLOAT8), "a base of"),
        (case("probe", "TypeError: must be called with a dataclass type"), "a dataclass no more"),
        (case("", "TypeError: must be called with a dataclass type"), ""),
        (case("", "TypeError: unexpected keyword argument 'x'", use=FLOAT8), "a base of"),
        (case("", "TypeError: unexpected keyword argument 'x'", use=CONFIG), ""),
        (case("", "TypeError: takes 1 positional argument but 2 were", use=FLOAT8), "a base of"),
        (case("", "AttributeError: no attribute 'Config'", text=ANSWERING), "a class that answers"),
        (case("", "TypeError: unexpected keyword argument 'x'", text=ANSWERING), ""),
        (case("", f"NotImplementedError: Module [X] {NO_FORWARD}"), "the forward"),
        (case("", f"NotImplementedError: {NO_FORWARD}"), ""),
        (case("", "NameError: name 'X' is not defined", reach="star"), ""),
    ],
)
def test_a_class_out_of_reach_takes_no_more_than_it_is_about(about: Case, name: str) -> None:
    assert name in class_of(about)
    assert bool(name) == bool(class_of(about))


def test_a_module_of_a_package_that_fails_cannot_be_imported_either(tmp_path: Path) -> None:
    package = tmp_path / "torchtitan" / "logs"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").write_text("from . import part\nraise AttributeError('info')\n")
    (package / "part.py").touch()
    oracle = Oracle("0.2.2", tmp_path)
    try:
        names = ["torchtitan.logs", "torchtitan.logs.part"]
        assert oracle.imported(["torchtitan", *names]) == ["torchtitan"]
        # Nor by the next program, or by what asks why one failed.
        one = made("import torchtitan.logs.part\n")
        one = replace(one, use=replace(one.use, module="torchtitan.logs.part", name="x"))
        results = oracle.run([one] * 2, 1)
        failed = "AttributeError: info"
        assert [(result.error, result.missing) for result in results] == [(failed, failed)] * 2
    finally:
        oracle.close()
