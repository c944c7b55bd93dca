"""Rules of one's own beside titan-lint's: loaded when asked for, and then like all others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.documents import writing
from titan_lint import library, rules
from titan_lint.config import own_rules
from titan_lint.libcst import testing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.projects import TitanLint

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "fixtures" / "own-rules"

HEAD = """
import libcst as cst
from titan_lint.libcst import Example, Rule, Severity
"""
RULE = (
    HEAD
    + '''
class NoPrint(Rule):
    """Nothing is printed."""

    code = "ACME002"
    name = "no-print"
    message = "printed"

    def visit_Call(self, node):
        if self.known(node.func).is_at("builtins.print"):
            self.report(node, replacement=cst.Name("None"), safe=SAFE)
'''
)
ENGINE = "import torchtitan\nprint(1)\n"


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loads nothing for the tests to come."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(rules, "_rules", {**rules._rules})
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("acme_lint", "acme_rules"):
            del sys.modules[name]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes a project with ``engine.py`` and some text as ``acme_rules.py``, and goes there."""

    def make(text: str) -> Path:
        (tmp_path / "pyproject.toml").write_text("[project]\nname = 'acme'\n")
        (tmp_path / "engine.py").write_text(ENGINE)
        (tmp_path / "acme_rules.py").write_text(text.replace("SAFE", "True"))
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return make


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the worked example."""
    shutil.copytree(EXAMPLE, tmp_path / "own-rules")
    monkeypatch.chdir(tmp_path / "own-rules")
    return tmp_path / "own-rules"


def found(ran: object) -> list[tuple[str, int]]:
    listed = json.loads(ran.out)["findings"]  # type: ignore[attr-defined]
    return [(finding["code"], finding["line"]) for finding in listed]


OWN = ("--no-cache", "--rules", "acme_rules", "--output-format=json")


def test_the_example_finds_its_calls_in_every_way_to_reach_them(
    example: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint("--no-cache", "--rules", "acme_lint.rules", "--output-format=json", "acme")
    assert found(ran) == [("ACME001", 9), ("ACME001", 14), ("ACME001", 18)]


def test_the_example_is_fixed(example: Path, titan_lint: TitanLint) -> None:
    options = ("--no-cache", "--configured-rules", "acme")
    assert titan_lint(*options, "--fix").status == 1
    assert titan_lint(*options, "--fix", "--unsafe-fixes").status == 0
    text = (example / "acme" / "train.py").read_text()
    for call in ("build(flavor", "model.build_model(flavor", "build_model(flavor"):
        assert f'{call}, attn_backend="flex")' in text
    assert text.endswith('    return build_model("8B")\n')


def test_the_examples_examples_are_true(example: Path) -> None:
    own_rules.load(["acme_lint.rules"], [str(example)])
    cases = testing.cases(sys.modules["acme_lint.rules"])
    assert [str(case) for case in cases] == [
        "ACME001-INVALID-0",
        "ACME001-VALID-0",
        "ACME001-VALID-1",
    ]
    for case in cases:
        case.check()


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("VALID", '"import torchtitan\\nprint(1)\\n"', "expected no finding, found ['printed']"),
        ("INVALID", '"import torchtitan\\n"', "expected a finding, found none"),
        ("INVALID", '"import torchtitan\\nprint(1)\\n"', "there is a fix, and none is shown"),
        (
            "INVALID",
            'Example("import torchtitan\\nprint(1)\\n", fixed="import torchtitan\\n")',
            "expected\nimport torchtitan\n\nfound\nimport torchtitan\nNone\n",
        ),
        (
            "INVALID",
            'Example("import torchtitan\\nprint(1)\\n", fixed="import torchtitan\\nNone\\n", safe=False)',
            "the fix is safe",
        ),
    ],
)
def test_an_example_that_is_wrong_is_told(
    company: Callable[[str], Path], kind: str, given: str, said: str
) -> None:
    folder = company(f"{RULE}\n    {kind} = [{given}]\n")
    own_rules.load(["acme_rules"], [str(folder)])
    (case,) = testing.cases(sys.modules["acme_rules"])
    with pytest.raises(AssertionError) as caught:
        case.check()
    assert said in str(caught.value)


def test_own_rules_run_beside_the_built_in_ones(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    (folder / "engine.py").write_text(
        "from torchtitan.models.llama3 import model_registry\nprint(model_registry('8B_varlen'))\n"
    )
    options = (*OWN, "--torchtitan=0.3.0")
    assert found(titan_lint(*options)) == [("ACME002", 2), ("TTN105", 2)]
    assert found(titan_lint(*options, "--ignore=ACME002")) == [("TTN105", 2)]
    assert found(titan_lint(*options, "--select=no-print")) == [("ACME002", 2)]
    assert found(titan_lint(*options, "--per-file-ignores=engine.py:ACME")) == [("TTN105", 2)]


def test_they_are_suppressed_and_recorded_as_others_are(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    titan_lint("--no-cache", "--rules=acme_rules", "--write-baseline=base.json")
    assert found(titan_lint(*OWN, "--baseline=base.json")) == []
    titan_lint("--no-cache", "--rules=acme_rules", "--add-noqa")
    assert (folder / "engine.py").read_text() == "import torchtitan\nprint(1)  # noqa: ACME002\n"
    assert found(titan_lint(*OWN)) == []


@pytest.mark.parametrize(
    "form",
    ["full", "concise", "sarif", "github", "gitlab", "junit", "rdjson", "pylint", "markdown"],
)
def test_every_format_shows_them(
    company: Callable[[str], Path], titan_lint: TitanLint, form: str
) -> None:
    company(RULE)
    ran = titan_lint("--no-cache", "--rules=acme_rules", f"--output-format={form}")
    assert ran.status == 1
    assert "ACME002" in ran.out
    assert "printed" in ran.out


def test_a_safe_fix_is_one_that_the_rule_calls_so(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE.replace("safe=SAFE", "safe=False"))
    titan_lint("--no-cache", "--rules=acme_rules", "--fix")
    assert (folder / "engine.py").read_text() == ENGINE
    del sys.modules["acme_rules"]
    company(RULE)
    titan_lint("--no-cache", "--rules=acme_rules", "--fix")
    assert (folder / "engine.py").read_text() == "import torchtitan\nNone\n"


@pytest.mark.parametrize(
    ("safe", "engine", "because"),
    [
        ("True", ENGINE, []),
        ("False", ENGINE, ["stated"]),
        ("True", "import torchtitan\nprint(  # why\n    1)\n", ["comments-stay"]),
    ],
)
def test_a_fix_names_what_is_not_shown_and_the_rules_page_lists_it(
    company: Callable[[str], Path],
    titan_lint: TitanLint,
    safe: str,
    engine: str,
    because: list[str],
) -> None:
    text = RULE.replace(
        '    message = "printed"\n',
        '    message = "printed"\n    INVALID = [Example("print(1)\\n", fixed="None\\n")]\n',
    )
    file = company(text.replace("safe=SAFE", f"safe={safe}")) / "engine.py"
    file.write_text(engine)
    (finding,) = json.loads(titan_lint(*OWN).out)["findings"]
    assert finding["fix"].get("because", []) == because
    titan_lint("--no-cache", "--rules=acme_rules", "--fix")
    assert (file.read_text() == engine) is bool(because)
    (code,) = own_rules.load(["acme_rules"])
    named = [one.value for one in rules.rule(code).rests_on]
    assert named == ["comments-stay", "stated"]


def test_a_statement_may_be_replaced_or_removed(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(
        HEAD
        + '''
class NoPass(Rule):
    """No `pass`."""

    code, name, message = "ACME003", "no-pass", "there is a pass"

    def visit_SimpleStatementLine(self, node):
        if isinstance(node.body[0], cst.Pass):
            self.report(node, replacement=cst.RemoveFromParent(), safe=True)
'''
    )
    engine = folder / "engine.py"
    engine.write_text(
        "import torchtitan\n\nclass A:\n\n    # kept?\n    x = 1\r\n    pass\n    y = 2\n"
    )
    assert found(titan_lint(*OWN)) == [("ACME003", 7)]
    titan_lint("--no-cache", "--rules=acme_rules", "--fix")
    assert engine.read_bytes().decode() == (
        "import torchtitan\n\nclass A:\n\n    # kept?\n    x = 1\r\n    y = 2\n"
    )


def test_a_comment_on_the_module_can_be_reported(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(
        HEAD
        + '''
class NoTodo(Rule):
    """No comments that say TODO."""

    code, name, message = "ACME004", "no-todo", "to be done"

    def visit_Comment(self, node):
        if "TODO" in node.value:
            self.report(node)
'''
    )
    text = "# TODO torchtitan\n\n# TODO\nx = 1\n\n\ndef f():\n    # TODO  # noqa\n    return 1  # TODO\n"
    (folder / "engine.py").write_text(text)
    assert found(titan_lint(*OWN)) == [("ACME004", 1), ("ACME004", 3), ("ACME004", 9)]


def test_what_holds_at_several_torchtitans_is_one_finding(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    company(RULE)
    ran = titan_lint(*OWN, "--torchtitan=0.3.0", "--torchtitan=0.2.2")
    (finding,) = json.loads(ran.out)["findings"]
    assert finding["targets"] == ["torchtitan 0.3.0", "torchtitan 0.2.2"]


def test_several_processes_have_the_rules(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    for number in range(5):
        (folder / f"more{number}.py").write_text(ENGINE)
    assert len(found(titan_lint(*OWN, "-j3"))) == 6


def test_a_changed_rule_is_not_answered_from_the_cache(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    options = ("--rules=acme_rules", "--output-format=json")
    assert found(titan_lint(*options)) == [("ACME002", 2)]
    assert found(titan_lint(*options)) == [("ACME002", 2)]
    (folder / "acme_rules.py").write_text(RULE.replace("builtins.print", "builtins.len") + "# x\n")
    del sys.modules["acme_rules"]
    assert found(titan_lint(*options)) == []


def test_notebooks_and_documents_are_checked_and_fixed(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    root = company(RULE.replace('"no-print"', '"no-print"\n    words = ("acme",)'))
    (root / "engine.py").unlink()
    (root / "a.ipynb").write_text(writing.notebook("import acme", "%time\nx = 1\nprint(x)"))
    (root / "a.md").write_text("Text.\n\n```python\nimport acme\nprint(1)\n```\n")
    arguments = ("a.ipynb", "a.md", "--rules", "acme_rules", "--output-format", "concise")
    places = [line.partition(": ")[0] for line in titan_lint(*arguments).out.splitlines()[:2]]
    assert places == ["a.ipynb:cell 3:3:1", "a.md:5:1"]
    assert titan_lint(*arguments, "--fix").status == 0
    assert (root / "a.ipynb").read_text() == writing.notebook("import acme", "%time\nx = 1\nNone")
    assert (root / "a.md").read_text() == "Text.\n\n```python\nimport acme\nNone\n```\n"


def test_what_would_change_more_than_code_is_not_fixed_in_a_notebook(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    root = company(
        HEAD
        + '''
class Whole(Rule):
    """Nothing stays."""

    code = "ACME003"
    name = "no-module"
    message = "a module"

    def visit_Module(self, node):
        self.report(node, replacement=cst.parse_module("pass\\n"), safe=True)
'''
    )
    text = writing.notebook("import torchtitan", "%time\nx = 1")
    (root / "a.ipynb").write_text(text)
    ran = titan_lint("a.ipynb", "--rules", "acme_rules", "--fix", "--output-format", "concise")
    assert "ACME003" in ran.out
    assert "Traceback" not in ran.err
    assert (root / "a.ipynb").read_text() == text


def test_a_file_without_the_words_of_a_rule_is_not_read_by_libcst(
    company: Callable[[str], Path], titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = company(RULE)
    (folder / "engine.py").write_text("print(1)\n")
    (folder / "other.py").write_text("# TTN105\nprint(1)\n")
    import libcst

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(libcst, "parse_module", refuse)
    assert found(titan_lint(*OWN)) == []


def test_a_run_without_own_rules_does_not_import_libcst(company: Callable[[str], Path]) -> None:
    company(RULE)
    program = (
        "import sys; from titan_lint.cli.main import run; run(['--no-cache', '.']);"
        "assert 'libcst' not in sys.modules and 'titan_lint.config.own_rules' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


CONFIGURED = (
    "[project]\nname = 'acme'\n[tool.titan-lint]\nrules = ['acme_rules']\n"
    "extend-select = ['ACME002']\nignore = ['no-print']\nseverity = {ACME = 'info'}\n"
    "per-file-ignores = {'x.py' = ['ACME002']}\n"
)


def test_a_configuration_alone_runs_nothing(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company("raise SystemExit('run')")
    (folder / "pyproject.toml").write_text(CONFIGURED)
    ran = titan_lint("--no-cache")
    assert ran.status == 0
    assert "warning: acme_rules not loaded" in ran.err
    assert "--configured-rules" in ran.err


def test_a_configuration_may_name_them_and_what_to_do_with_them(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    (folder / "pyproject.toml").write_text(CONFIGURED.replace("ignore = ['no-print']\n", ""))
    ran = titan_lint("--no-cache", "--configured-rules", "--output-format=json")
    assert [f["severity"] for f in json.loads(ran.out)["findings"]] == ["info"]
    assert ran.err == ""


def test_a_selector_that_is_wrong_stays_wrong_where_all_rules_are_loaded(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    (folder / "pyproject.toml").write_text(CONFIGURED.replace("'ACME002'", "'ACME777'"))
    ran = titan_lint("--no-cache", "--configured-rules")
    assert ran.status == 2
    assert "there is no rule 'ACME777'" in ran.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "--rules: acme_rules: ZeroDivisionError: division by zero"),
        ("import gone_for_good", "ModuleNotFoundError: No module named 'gone_for_good'"),
        ("x = 1", "acme_rules: there is no rule in it"),
        (RULE.replace("ACME002", "TTN999"), "does not begin with TTN, found 'TTN999'"),
        (RULE.replace("ACME002", "no"), "expected a code such as ACME001"),
        (RULE.replace("no-print", "legacy-flavor"), "a name of its own"),
        (RULE + RULE.partition("Severity\n")[2].replace("NoPrint", "B"), "two rules ACME002"),
    ],
)
def test_rules_that_cannot_be_loaded_are_explained(
    company: Callable[[str], Path], titan_lint: TitanLint, text: str, said: str
) -> None:
    company(text)
    ran = titan_lint("--no-cache", "--rules=acme_rules")
    assert ran.status == 2
    assert said in ran.err


def test_an_installed_module_comes_before_one_of_the_tree(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    (folder / "json.py").write_text("raise SystemExit('taken')")
    assert found(titan_lint(*OWN)) == [("ACME002", 2)]


def test_a_rule_that_breaks_costs_its_own_findings_alone(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE.replace("self.known", "self.gone"))
    (folder / "engine.py").write_text(
        "from torchtitan.models.llama3 import model_registry\nmodel_registry('8B_varlen')\n"
    )
    ran = titan_lint(*OWN, "--torchtitan=0.3.0")
    assert found(ran) == [("TTN105", 2)]
    assert "rule ACME002 (no-print) failed (AttributeError" in ran.err
    assert "mistake in titan-lint" not in ran.err
    assert "visit_Call" in titan_lint(*OWN, "-v").err


def test_what_is_nested_too_deeply_for_libcst_costs_one_line(
    company: Callable[[str], Path], titan_lint: TitanLint
) -> None:
    folder = company(RULE)
    (folder / "engine.py").write_text("import torchtitan\nx = " + "+".join("a" * 800) + "\n")
    ran = titan_lint(*OWN)
    assert ran.status == 2
    assert len(ran.err.splitlines()) == 1


def test_they_are_documented_as_the_built_in_ones_are(example: Path, titan_lint: TitanLint) -> None:
    ran = titan_lint("rule", "--rules", "acme_lint.rules", "pass-attn-backend")
    assert ran.status == 0, ran.err
    assert "# pass-attn-backend (ACME001)" in ran.out
    assert "Every call of `build_model` says which attention backend is meant." in ran.out
    assert "A fix is offered (unsafe)." in ran.out
    listed = titan_lint("rule", "--rules=acme_lint.rules", "--all", "--output-format=json").out
    codes = [each["code"] for each in json.loads(listed)]
    assert codes[0] == "ACME001"
    assert "TTN101" in codes
    assert titan_lint("rule", "--rules", "acme_lint.nothing", "ACME001").status == 2


def test_compat_counts_them_where_they_are_asked_for(example: Path) -> None:
    def run(*more: str) -> subprocess.CompletedProcess[str]:
        asked = ["compat", "--torchtitan", "0.3.0", "acme", *more]
        command = [sys.executable, "-m", "titan_lint", *asked]
        return subprocess.run(command, cwd=example, capture_output=True, text=True, check=False)

    assert run().returncode == 0
    ran = run("--rules", "acme_lint.rules")
    assert (ran.returncode, "ACME001:3" in ran.stdout) == (1, True), ran.stderr


def test_programs_run_them(example: Path) -> None:
    path = example / "acme" / "train.py"
    text = path.read_text()
    asked: library.Options = {"rules": "acme_lint.rules", "torchtitan": "0.3.0"}
    found = library.lint(text, path, **asked)
    assert [finding.code for finding in found.findings] == ["ACME001"] * 3
    assert not library.lint(text, path, torchtitan="0.3.0").findings
    assert library.fix(text, path, unsafe=True, **asked).text.count('"flex"') == 4
    (file,) = library.lint_paths(path, no_cache=True, **asked).files
    assert file.findings == found.findings
    (fit,) = library.compat(path, **asked).fits
    assert fit.by_code == {"ACME001": 3}
