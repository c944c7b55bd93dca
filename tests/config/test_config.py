"""Configuration files: found, merged, and explained when they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import LEGACY
from titan_lint import rules
from titan_lint.config.settings import Settings, load_settings
from titan_lint.config.toml import ConfigError

if TYPE_CHECKING:
    from tests.projects import TitanLint

EVERY = tuple(rules.names())


def load(*paths: str, **values: object) -> Settings:
    return load_settings({"paths": paths, **values})  # type: ignore[arg-type]


def configure(text: str, name: str = "pyproject.toml", at: str = ".") -> None:
    path = Path(at) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if name == "titan-lint.toml" else f"[tool.titan-lint]\n{text}")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_file_all_rules_are_on() -> None:
    settings = load()
    assert settings.codes == EVERY
    assert settings.config is None


def test_the_nearest_file_above_the_paths_counts() -> None:
    configure('select = ["TTN101"]')
    configure('select = ["TTN102"]', at="sub")
    configure("", at="sub/bare")
    Path("sub/deep").mkdir()
    assert load().codes == ("TTN101",)
    assert load("sub").codes == ("TTN102",)
    assert load("sub/deep").codes == ("TTN102",)
    assert load("sub/bare").codes == EVERY
    assert load("sub", ".").codes == ("TTN101",)


def test_a_pyproject_that_does_not_mention_titan_lint_is_passed_over() -> None:
    configure('select = ["TTN101"]')
    Path("sub").mkdir()
    Path("sub/pyproject.toml").write_text('[project]\nname = "x"\n[tool.other]\n"titan-lint" = 1\n')
    settings = load("sub")
    assert settings.codes == ("TTN101",)
    assert settings.project == str(Path("sub").absolute())


def test_an_own_file_goes_before_pyproject() -> None:
    configure('select = ["TTN101"]')
    configure('select = ["TTN102"]', "titan-lint.toml")
    assert load().codes == ("TTN102",)


def test_a_named_file_is_read_and_isolation_reads_none() -> None:
    configure('select = ["TTN101"]')
    configure('select = ["TTN102"]', "titan-lint.toml", at="other")
    assert load(config="other/titan-lint.toml").codes == ("TTN102",)
    assert load(isolated=True).codes == EVERY
    Path("custom.toml").write_text('select = ["TTN103"]\n')
    assert load(config="custom.toml").codes == ("TTN103",)


def test_the_command_line_goes_before_the_file() -> None:
    configure('select = ["TTN101", "TTN102"]\nignore = ["TTN102"]\nextend-select = ["TTN105"]')
    assert load().codes == ("TTN101", "TTN105")
    assert load(select=("TTN106",)).codes == ("TTN106",)
    assert load(extend_select=("TTN106",)).codes == ("TTN101", "TTN105", "TTN106")
    assert load(ignore=("TTN101",)).codes == ("TTN105",)
    assert load(select=("TTN102",)).codes == ("TTN102",)
    assert "TTN102" not in load(select=("ALL",)).codes


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ("TTN1", "TTN101", {code for code in EVERY if code.startswith("TTN1")} - {"TTN101"}),
        ("TTN101", "TTN1", {"TTN101"}),
        ("TTN101", "TTN101", set()),
        ("ALL", "ALL", set()),
        ("all", "legacy-flavor", {*EVERY} - {"TTN105"}),
        ("ttn10", "TTN106", {code for code in EVERY if code.startswith("TTN10")} - {"TTN106"}),
    ],
)
def test_the_more_specific_selector_wins(select: str, ignore: str, expected: set[str]) -> None:
    assert set(load(select=(select,), ignore=(ignore,)).codes) == expected


def test_per_file_ignores_are_seen_from_their_configuration() -> None:
    configure('[tool.titan-lint.per-file-ignores]\n"tests/*" = ["TTN101"]\n"*_gen.py" = ["ALL"]\n')
    settings = load(per_file_ignores=("*.pyi:TTN102",))
    here = str(Path.cwd())
    assert "TTN101" not in settings.codes_for(f"{here}/tests/deep/a.py")
    assert "TTN101" in settings.codes_for(f"{here}/src/tests.py")
    assert settings.codes_for(f"{here}/src/x_gen.py") == ()
    assert "TTN102" not in settings.codes_for(f"{here}/a.pyi")
    assert settings.codes_for(f"{here}/a.py") == EVERY


def test_targets_come_from_the_command_line_then_the_file() -> None:
    configure('torchtitan = "0.2.2"\nfrom = "0.2.1"\nlegacy-guard = true')
    settings = load()
    assert (settings.torchtitan, settings.written_for) == (("0.2.2",), "0.2.1")
    assert settings.legacy_guard
    assert settings.asked_by == "pyproject.toml: tool.titan-lint.torchtitan"
    assert load(torchtitan=(">=0.2,<1",)).torchtitan == (">=0.2,<1",)
    configure('torchtitan = ["0.2.2", "0.3.0"]')
    assert load().torchtitan == ("0.2.2", "0.3.0")


def test_patterns_of_the_file_are_seen_from_it_and_those_of_the_line_from_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure('exclude = ["sub/gen"]')
    Path("sub/gen/sub/gen").mkdir(parents=True)
    monkeypatch.chdir("sub")
    here = str(Path.cwd())
    assert load().exclude.match(f"{here}/gen", "gen")
    assert not load().exclude.match(f"{here}/sub/gen", "gen")
    assert load(exclude=("gen/sub",)).exclude.match(f"{here}/gen/sub", "sub")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "tool.titan-lint.selct: unknown setting; did you mean `select`?"),
        ("extend_select = []", "did you mean `extend-select` or "),
        ("nonsense = 1", "unknown setting; known are baseline, cache-dir"),
        ("select = 3", "tool.titan-lint.select: expected a list of strings, found 3"),
        ('select = "TTN1"', "select: expected a list of strings, found 'TTN1'"),
        ("select = [3]", "select: expected a list of strings, found 3"),
        ('select = ["TTN777"]', "select: there is no rule 'TTN777'; did you mean"),
        (
            'ignore = ["legacy-flavr"]',
            "ignore: there is no rule 'legacy-flavr'; did you mean `legacy-flavor`?",
        ),
        ("torchtitan = 0.3", "torchtitan: expected a string or a list of strings, found 0.3"),
        ("from = true", "from: expected a string, found true"),
        ("legacy-guard = 1", "legacy-guard: expected true or false, found 1"),
        ("per-file-ignores = []", "per-file-ignores: expected a table of patterns"),
        ("per-file-ignores = {a = 3}", "per-file-ignores.a: expected a list of rules, found 3"),
        ('per-file-ignores = {a = ["X"]}', "per-file-ignores: there is no rule 'X'"),
        ('cache-dir = "../x"', "cache-dir: must lie inside"),
        ('cache-dir = "/x"', "cache-dir: must lie inside"),
        ('baseline = "../x"', "baseline: must lie inside"),
        ("verify = 3", "verify: expected a table, found 3"),
        ("exclude = {}", "exclude: expected a list of strings, found a table"),
        ("select = [", "not valid TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file_and_what_is_allowed(
    text: str, message: str
) -> None:
    configure(text)
    with pytest.raises(ConfigError) as raised:
        load()
    assert str(raised.value).startswith(("pyproject.toml: ", f"{Path.cwd()}/pyproject.toml: "))
    assert message in str(raised.value)


def test_a_table_that_is_none_is_refused() -> None:
    Path("pyproject.toml").write_text("[tool]\ntitan-lint = 3\n")
    with pytest.raises(ConfigError, match="expected a table, found 3"):
        load()


def test_a_link_that_leads_out_is_outside() -> None:
    Path("p").mkdir()
    configure('cache-dir = "link/x"', at="p")
    Path("p/link").symlink_to("..")
    with pytest.raises(ConfigError, match="must lie inside"):
        load("p")


def test_bytes_that_are_no_utf8_are_refused() -> None:
    Path("titan-lint.toml").write_bytes(b'select = ["\xff"]')
    with pytest.raises(ConfigError, match="not valid TOML"):
        load()


def test_a_wrong_file_ends_the_run(titan_lint: TitanLint) -> None:
    configure("selct = []")
    Path("a.py").write_text(LEGACY)
    ran = titan_lint()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "error: pyproject.toml: tool.titan-lint.selct: unknown setting; did you mean `select`?\n"
    )


def test_a_configured_path_is_seen_from_its_configuration(
    titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure('torchtitan = "./vendored"')
    Path("sub").mkdir()
    Path("sub/a.py").write_text(LEGACY)
    monkeypatch.chdir("sub")
    ran = titan_lint()
    assert ran.status == 2
    assert "tool.titan-lint.torchtitan: " in ran.err
    assert str(Path("../vendored").resolve()) in ran.err


def test_the_project_is_where_its_packaging_is() -> None:
    Path("repo/.git").mkdir(parents=True)
    Path("repo/pkg/src").mkdir(parents=True)
    assert load("repo/pkg/src").project == str(Path("repo").absolute())
    Path("repo/pkg/uv.lock").touch()
    assert load("repo/pkg/src").project == str(Path("repo/pkg").absolute())
    assert load("repo/pkg/src").cache_dir == str(Path("repo/pkg/.titan_lint_cache").absolute())
    Path("plain").mkdir()
    assert load("plain").project == str(Path("plain").absolute())
    assert load("plain").cache_dir == str(Path(".titan_lint_cache").absolute())


def test_a_pin_in_the_project_is_the_target(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    report = json.loads(titan_lint("--output-format=json").out)
    assert report["torchtitan"] == "0.3.0"
    assert report["targets"] == [
        {
            "key": "0.3.0",
            "label": "torchtitan 0.3.0",
            "reason": "pyproject.toml:3 asks for `torchtitan==0.3.0`",
        }
    ]


@pytest.mark.parametrize("option", ["torchtitan", "from", "baseline", "config", "output-file"])
def test_an_option_without_a_value_is_refused(option: str, titan_lint: TitanLint) -> None:
    # A script's variable that is not set must not become the default without a word.
    Path("a.py").write_text(LEGACY)
    ran = titan_lint(f"--{option}=", "a.py")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"error: --{option}: expected a value, found ''\n"


def test_an_empty_path_is_not_the_current_directory(titan_lint: TitanLint) -> None:
    Path("a.py").write_text(LEGACY)
    ran = titan_lint("--fix", "")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "error: a path is empty; `.` is the current directory\n"
    assert Path("a.py").read_text() == LEGACY


def _write(files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_configuration_goes_before_the_one_that_it_extends() -> None:
    base = 'select = ["TTN2"]\nignore = ["TTN201"]\nfrom = "0.2.1"\ntorchtitan = "0.2.2"\n'
    extend = 'extend = "../base.toml"\n'
    _write(
        {
            "base.toml": base,
            "a/titan-lint.toml": f'{extend}torchtitan = "0.3.0"\nignore = ["TTN202"]\n',
            "b/titan-lint.toml": f'{extend}select = ["TTN201", "TTN202"]\n',
        }
    )
    first, second = (load_settings({"paths": (folder,)}) for folder in ("a", "b"))
    assert (first.torchtitan, first.written_for) == (("0.3.0",), "0.2.1")
    # What is ignored adds up, until a file selects for itself.
    assert set(first.codes) == {code for code in rules.names() if code.startswith("TTN2")} - {
        "TTN201",
        "TTN202",
    }
    assert second.codes == ("TTN201", "TTN202")
    assert second.asked_by == "base.toml: torchtitan"


def test_paths_of_an_extended_file_are_seen_from_it() -> None:
    base = 'extend-exclude = ["x/gen"]\nper-file-ignores = {"x/*" = ["TTN1"]}\n'
    mine = 'extend = "../base.toml"\nextend-exclude = ["mine"]\n'
    _write({"base.toml": base, "x/titan-lint.toml": mine})
    settings = load_settings({"paths": ("x",)})
    here = Path.cwd() / "x"
    excluded = {n for n in ("gen", "mine", "other") if settings.exclude.match(str(here / n), n)}
    assert excluded == {"gen", "mine"}
    assert "TTN101" not in settings.codes_for(str(here / "a.py"))
    # The extended file has a base of its own to be inside of.
    Path("base.toml").write_text('baseline = "known.json"\n')
    assert load_settings({"paths": ("x",)}).baseline == str(Path.cwd() / "known.json")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ('extend = "titan-lint.toml"', "", "titan-lint.toml: extend: leads in a circle, from "),
        ('extend = "b.toml"', 'extend = "titan-lint.toml"', "b.toml: extend: leads in a circle"),
        ('extend = "no.toml"', "", "titan-lint.toml: extend: "),
        ('extend = "b.toml"', "nonsense = 1", "b.toml: nonsense: unknown setting"),
        ('extend = "b.toml"', "select = 3", "b.toml: select: expected"),
    ],
)
def test_what_is_wrong_with_an_extended_file_is_told(first: str, second: str, told: str) -> None:
    _write({"titan-lint.toml": first, "b.toml": second})
    with pytest.raises(ConfigError) as error:
        load_settings({})
    assert str(error.value).startswith(told)
