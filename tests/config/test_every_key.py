"""Every setting, given what it cannot be: the message names the file, the setting and what is allowed."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.projects import LEGACY
from titan_lint.config.globs import Globs, mistake
from titan_lint.config.toml import KEYS

if TYPE_CHECKING:
    from tests.projects import TitanLint

# One value of each type that TOML has.
VALUES = {
    "string": '"words"',
    "empty": '""',
    "integer": "3",
    "float": "0.3",
    "boolean": "true",
    "date": "2026-01-01",
    "list": "[]",
    "list of integers": "[3]",
    "list of empty": '[""]',
    "list of lists": '[["TTN101"]]',
    "table": "{}",
    "table of integers": "{a = 3}",
    "table of strings": '{a = "TTN101"}',
    "table of empty": '{"" = ["TTN101"]}',
}
LISTS = {"list"}
ALLOWED = {
    "baseline": ("a string", {"string"}),
    "cache-dir": ("a string", {"string"}),
    "changes": ("a list of strings|a list of paths", LISTS),
    "exclude": ("a list of", LISTS),
    "extend": ("a string", {"string"}),
    "extend-exclude": ("a list of", LISTS),
    "extend-include": ("a list of", LISTS),
    "include": ("a list of", LISTS),
    "extend-select": ("a list of strings", LISTS),
    "fail-on": ("'error' or 'warning' or 'info'", set()),
    "fixable": ("a list of strings", LISTS),
    "force-exclude": ("true or false", {"boolean"}),
    "from": ("a string", {"string"}),
    "ignore": ("a list of strings", LISTS),
    "legacy-guard": ("true or false", {"boolean"}),
    "per-file-ignores": ("a table of patterns|a list of rules", {"table"}),
    "respect-gitignore": ("true or false", {"boolean"}),
    "rules": ("a list of strings|a list of modules", LISTS),
    "select": ("a list of strings", LISTS),
    "severity": ("a table of rules|'error' or 'warning' or 'info'", {"table"}),
    "surfaces": ("a list of strings|a list of paths", LISTS),
    "torchtitan": ("a string or a list of strings", {"string", "list"}),
    "unfixable": ("a list of strings", LISTS),
    "verify": ("a table", {k for k in VALUES if k.startswith("table")}),
}
RULE_LISTS = ("select", "extend-select", "ignore", "fixable", "unfixable")


def test_no_setting_is_left_out() -> None:
    assert set(ALLOWED) == set(KEYS)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, titan_lint: TitanLint) -> TitanLint:
    monkeypatch.chdir(tmp_path)
    Path("a.py").write_text(LEGACY)
    return titan_lint


@pytest.mark.parametrize("name", ["pyproject.toml", "titan-lint.toml"])
@pytest.mark.parametrize("key", KEYS)
def test_a_wrong_type_is_told_with_file_setting_and_what_is_allowed(
    key: str, name: str, run: TitanLint
) -> None:
    allowed, fitting = ALLOWED[key]
    head = "[tool.titan-lint]\n" if name == "pyproject.toml" else ""
    setting = f"tool.titan-lint.{key}" if head else key
    for kind in VALUES.keys() - fitting:
        Path(name).write_text(f"{head}{key} = {VALUES[kind]}\n")
        ran = run()
        assert (ran.status, ran.out) == (2, ""), kind
        (line,) = ran.err.splitlines()
        assert line.startswith(f"error: {name}: {setting}"), line
        if kind == "list of empty" and key in RULE_LISTS:
            assert "there is no rule ''" in line
        else:
            assert any(f"expected {words}" in line for words in allowed.split("|")), line


@pytest.mark.parametrize("key", KEYS)
def test_a_misspelt_setting_has_a_suggestion(key: str, run: TitanLint) -> None:
    wrong = key[:-1] + ("y" if key[-1] != "y" else "z")
    Path("titan-lint.toml").write_text(f"{wrong} = 1\n")
    ran = run()
    assert ran.status == 2
    assert ran.err.startswith(f"error: titan-lint.toml: {wrong}: unknown setting; ")
    assert f"`{key}`" in ran.err or f" {key}" in ran.err


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            'torchtitan = "nonsense"',
            "torchtitan: torchtitan target 'nonsense' is not known: give a",
        ),
        (
            'torchtitan = "9.9.9"',
            "torchtitan: torchtitan 9.9.9 is later than all that is known here; known are 0.1.0",
        ),
        ('torchtitan = ["0.3.0", ">=="]', "torchtitan: '>==' is not a version specifier"),
        ('torchtitan = "<0.1"', "torchtitan: no release known here satisfies <0.1; known are"),
        ('torchtitan = "./gone"', "no such file or folder; name a torchtitan checkout, wheel or"),
        ('torchtitan = "2026-13-45"', "torchtitan: 2026-13-45 is not a date: month must be in"),
        ('torchtitan = "2019-01-01"', "torchtitan: no torchtitan is known from 2019-01-01: main"),
        ('torchtitan = "main@1234567"', "torchtitan: commit 1234567 is not among those of"),
        ('from = "nonsense"', "from: torchtitan target 'nonsense' is not known: give a release"),
        (
            'from = "9.9"',
            "from: torchtitan 9.9 is later than all that is known here; known are 0.1.0",
        ),
        ('baseline = "gone.json"', "baseline: "),
        ('baseline = "a.py"', "baseline: "),
        ('baseline = "."', "baseline: "),
        ('baseline = "a\\u0000b"', "baseline: expected a path, found 'a\\x00b'"),
        ('cache-dir = "a\\u0000b"', "cache-dir: expected a path, found 'a\\x00b'"),
        (
            'cache-dir = "."',
            "cache-dir: expected a folder of the cache's own, found one that holds",
        ),
        ('cache-dir = "a.py"', "cache-dir: expected a folder of the cache's own, found one that"),
        ('per-file-ignores = {"!" = ["ALL"]}', "per-file-ignores: expected a table of patterns"),
    ],
)
def test_an_unknown_value_is_told_with_what_is_allowed(
    setting: str, message: str, run: TitanLint
) -> None:
    Path("titan-lint.toml").write_text(f"{setting}\n")
    ran = run()
    assert (ran.status, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"error: titan-lint.toml: {setting.partition(' ')[0]}: ")
    assert message in line


def test_a_folder_with_other_files_never_becomes_the_cache(run: TitanLint) -> None:
    # It would be ignored by git as a whole, and `clean` would remove what looks like an entry.
    Path("data").mkdir()
    Path("data/package.json").write_text("{}")
    Path("titan-lint.toml").write_text('cache-dir = "data"\n')
    assert run().status == 2
    assert run("clean").status == 2
    Path("titan-lint.toml").write_text("")
    assert run("--cache-dir=data").status == 2
    assert [path.name for path in Path("data").iterdir()] == ["package.json"]


@pytest.mark.parametrize(
    "pattern",
    ["[[]", "[]]", "[!]x]", "[a-a]", "***", "a\\u0000b", "../..", "/", "(", "\\\\", "{a,b}"],
)
def test_any_pattern_is_taken_for_what_it_says(pattern: str, run: TitanLint) -> None:
    Path("titan-lint.toml").write_text(
        f'extend-exclude = ["{pattern}"]\nper-file-ignores = {{"{pattern}" = ["TTN101"]}}\n'
    )
    ran = run("a.py")
    assert ran.status == 1 or pattern.startswith("*")
    assert "rror" not in ran.err


BAD_PATTERNS = {
    "[": "`[` is never closed; write `[[]` for the bracket itself",
    "src/[": "`[` is never closed",
    "[!": "`[` is never closed",
    "[]": "`[` is never closed",
    "[!]": "`[` is never closed",
    "[a]/[b": "`[` is never closed",
    "[z-a]": "the range `z-a` runs backwards",
    "x[!a-cz-y]": "the range `z-y` runs backwards",
}


@pytest.mark.parametrize("pattern", BAD_PATTERNS)
@pytest.mark.parametrize("key", ["exclude", "extend-exclude", "per-file-ignores"])
def test_a_pattern_that_cannot_match_is_told(key: str, pattern: str, run: TitanLint) -> None:
    is_table = key == "per-file-ignores"
    value = f'{{"{pattern}" = ["ALL"]}}' if is_table else f'["a", "{pattern}"]'
    Path("titan-lint.toml").write_text(f"{key} = {value}\n")
    in_file = run()
    Path("titan-lint.toml").unlink()
    on_command_line = run(f"--{key}={pattern}{':ALL' if is_table else ''}")
    expected = f"expected a pattern, found {pattern!r}: {BAD_PATTERNS[pattern]}"
    for ran, where in ((in_file, f"titan-lint.toml: {key}"), (on_command_line, f"--{key}")):
        assert (ran.status, ran.out) == (2, "")
        assert ran.err.startswith(f"error: {where}: {expected}")


@given(st.text("[]!-azxy*?", max_size=8))
def test_any_name_can_be_written_as_a_pattern(name: str) -> None:
    pattern = glob.escape(name)
    assert mistake(pattern) is None
    assert not name or Globs([("/", pattern)]).match(f"/{name}", name)


VERIFY = {
    "entries = 3": "entries: expected a list of 'package.module:function', found 3",
    "entries = 'a:b'": "entries: expected a list of 'package.module:function', found 'a:b'",
    "entries = {a = 1}": "entries: expected a list of 'package.module:function', found a table",
    "entries = [3]": "entries: expected a list of 'package.module:function', found 3",
    "entries = [['a:b']]": "entries: expected a list of 'package.module:function', found ['a:b']",
    "entries = ['']": "entries: expected a list of 'package.module:function', found ''",
    "entries = ['a']": "entries: expected a list of 'package.module:function', found 'a'",
    "entries = [':b']": "entries: expected a list of 'package.module:function', found ':b'",
    "entries = ['a:']": "entries: expected a list of 'package.module:function', found 'a:'",
    "entries = ['a.:b']": "entries: expected a list of 'package.module:function', found 'a.:b'",
    "entries = ['a:b', 'a:b.c']": "entries: expected a list of 'package.module:function', found",
    "entries = ['../a:b']": "entries: expected a list of 'package.module:function', found",
    "entry = ['a:b']": "entry: unknown setting; did you mean `entries`?",
    "device = 'cuda'": "device: unknown setting; known is entries",
    "nested = {entries = []}": "nested: unknown setting; known is entries",
    "'' = 3": ": unknown setting; known is entries",
}


@pytest.mark.parametrize("name", ["pyproject.toml", "titan-lint.toml"])
@pytest.mark.parametrize("setting", VERIFY)
def test_a_wrong_setting_for_verify_is_told_in_every_run(
    setting: str, name: str, run: TitanLint
) -> None:
    table = "tool.titan-lint.verify" if name == "pyproject.toml" else "verify"
    Path(name).write_text(f"[{table}]\n{setting}\n")
    ran = run()
    assert (ran.status, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"error: {name}: {table}.{VERIFY[setting]}"), line


def test_verify_itself_tells_a_wrong_setting_before_it_starts_anything(
    run: TitanLint, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    Path("titan-lint.toml").write_text("[verify]\nentries = ['a']\n")
    with pytest.raises(SystemExit) as left:
        run("verify", ".")
    assert left.value.code == 2
    assert b"error: titan-lint.toml: verify.entries: expected a" in capfdbinary.readouterr().err
