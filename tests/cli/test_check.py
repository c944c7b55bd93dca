"""What a run says, and how it ends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.projects import BARE, CLEAN, FIXED, LEGACY, UNSUPPORTED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

PIN = "pyproject.toml:3 asks for `torchtitan==0.3.0`"


def test_nothing_found_is_said_and_exits_0(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(CLEAN)
    ran = titan_lint()
    assert ran.status == 0
    assert ran.out == "All checks passed!\nNo use of torchtitan in 1 file.\n"
    assert ran.err == ""


def test_a_finding_is_shown_with_its_place_its_fix_and_the_target(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint()
    assert ran.status == 1
    assert (
        ran.out
        == f"""\
TTN105 [*] torchtitan 0.3.0 has no flavor '8B_varlen'
 --> a.py:3:23
  |
1 | from torchtitan.models.llama3 import model_registry
2 |
3 | spec = model_registry("8B_varlen")
  |                       ^^^^^^^^^^^
  |
note: the attention backend is an argument now, and no part of the flavor
help: Write `8B` with `attn_backend='varlen'`

Found 1 error.
[*] 1 fixable with the `--fix` option.
Checked against torchtitan 0.3.0 ({PIN}).
"""
    )


def test_concise_output_is_one_line_each(project: Path, titan_lint: TitanLint) -> None:
    (project / "b.py").write_text(LEGACY)
    (project / "a.py").write_text(BARE)
    ran = titan_lint("--output-format=concise", "-q")
    first, second = ran.out.splitlines()
    assert first.startswith("a.py:3:8: TTN107 ")
    assert "info: " in first
    assert second.startswith("b.py:3:23: TTN105 [*] torchtitan 0.3.0 has no flavor")


@pytest.mark.parametrize(
    ("code", "status"), [(LEGACY, 1), (UNSUPPORTED, 1), (BARE, 0), (CLEAN, 0), ("def f(:\n", 0)]
)
def test_only_errors_and_warnings_fail_a_run(
    project: Path, titan_lint: TitanLint, code: str, status: int
) -> None:
    (project / "a.py").write_text(code)
    assert titan_lint().status == status


def test_exit_zero_means_0_for_findings_and_2_for_trouble(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    assert titan_lint("--exit-zero").status == 0
    (project / "b.py").write_text("import torchtitan\ndef f(:\n")
    assert titan_lint("--exit-zero").status == 2


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"import torchtitan\ndef f(:\n", "b.py:2:7: not valid Python: invalid syntax"),
        (b"import torchtitan\nx = '\xff'\n", "b.py:2: not valid utf-8"),
        (b"# coding: nonsense\nimport torchtitan\n", "b.py:1: the encoding cannot be determined"),
        (b"import torchtitan\nx = 1\0\n", "b.py"),
        (b"import torchtitan\nx = " + b"(" * 5000 + b")" * 5000 + b"\n", "b.py"),
        (b"import torchtitan\nx = " + b"-" * 200_000 + b"1\n", "b.py"),
    ],
    ids=["syntax", "utf-8", "cookie", "nul", "brackets", "signs"],
)
@pytest.mark.parametrize("option", ["--no-cache", "--fix"])
def test_a_file_that_cannot_be_checked_is_one_line_and_the_others_are_checked(
    project: Path, titan_lint: TitanLint, data: bytes, line: str, option: str
) -> None:
    (project / "a.py").write_text(UNSUPPORTED)
    (project / "b.py").write_bytes(data)
    (project / "c.py").write_text(UNSUPPORTED)
    ran = titan_lint(option)
    assert ran.status == 2
    (error,) = ran.err.splitlines()
    assert error.startswith(f"error: {line}")
    assert "Found 2 errors" in ran.out


def test_a_missing_path_is_trouble(project: Path, titan_lint: TitanLint) -> None:
    ran = titan_lint("gone.py")
    assert (ran.status, ran.err) == (
        2,
        "error: gone.py: cannot be read: No such file or directory\n",
    )
    assert ran.out == "Found nothing, but could not check 1 file.\n"


@pytest.mark.parametrize(
    ("word", "meant"), [("chek", "check"), ("help", "--help"), ("version", "--version")]
)
def test_a_command_that_is_none_is_pointed_out(
    project: Path, titan_lint: TitanLint, word: str, meant: str
) -> None:
    ran = titan_lint(word)
    assert ran.err == (
        f"error: {word}: cannot be read: No such file or directory; did you mean `titan-lint {meant}`?\n"
    )


def test_nothing_to_check_is_pointed_out(project: Path, titan_lint: TitanLint) -> None:
    ran = titan_lint()
    assert ran.status == 0
    assert ran.err == "warning: no Python files found under the given paths\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.txt", "# Some words\n"),
        ("README.adoc", "import torchtitan\n"),
        ("engine.py.bak", LEGACY),
        ("config.toml", "steps = 1\n"),
        ("LICENSE", "Free for all\n"),
        ("empty", ""),
        ("run.sh", "#!/bin/sh\nexit 0\n"),
    ],
)
def test_a_file_that_is_no_python_is_refused_where_it_is_named(
    project: Path, titan_lint: TitanLint, name: str, text: str
) -> None:
    (project / name).write_text(text)
    for ran in (
        titan_lint(name),
        titan_lint(name, "--fix"),
        titan_lint("-", "--stdin-filename", name, stdin=text.encode()),
    ):
        assert ran.status == 2
        assert f"error: {name}: " in ran.err
    assert (project / name).read_text() == text
    assert titan_lint().status == 0


@pytest.mark.parametrize("head", ["#!/usr/bin/env python3\n", "#!/usr/bin/env -S uv run\n", ""])
def test_a_script_without_a_suffix_is_checked_where_it_is_named(
    project: Path, titan_lint: TitanLint, head: str
) -> None:
    (project / "engine").write_text(head + LEGACY)
    assert "TTN105" in titan_lint("engine").out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"x": "torchtitan"}', "a.ipynb: no notebook: there are no cells"),
        ('{"cells": [{}\n"torchtitan"', "a.ipynb:2:1: no notebook: expected `,` or `]`"),
        ('{"cells": ["torchtitan"]}', "a.ipynb:1:12: no notebook: expected `{`"),
        ('{"worksheets": ["torchtitan"]}', "a.ipynb: no notebook: it is of an old format"),
    ],
)
def test_what_is_no_notebook_is_an_error(
    project: Path, titan_lint: TitanLint, text: str, said: str
) -> None:
    (project / "a.ipynb").write_text(text)
    ran = titan_lint()
    assert ran.status == 2
    assert f"error: {said}" in ran.err


def test_a_command_word_is_a_path_when_written_as_one(project: Path, titan_lint: TitanLint) -> None:
    (project / "rule").write_text(LEGACY)
    assert titan_lint("./rule").status == 1
    assert titan_lint("rule", "TTN105").status == 0


def test_severities_are_told_apart_in_the_summary(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    (project / "b.py").write_text(BARE)
    (project / "c.py").write_text("x = 1  # noqa: TTN106\n")
    ran = titan_lint()
    assert "Found 1 error, 1 warning and 1 info.\n" in ran.out


def test_quiet_shows_findings_only(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    assert "Found" not in titan_lint("-q").out
    assert "TTN105" in titan_lint("-q").out
    (project / "a.py").write_text(CLEAN)
    assert titan_lint("-q").out == ""


def test_verbose_tells_what_was_decided(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint("-v")
    assert f"Configuration: {project}/pyproject.toml\n" in ran.err
    assert "Rules: TTN105, TTN106, TTN107, TTN901\n" in ran.err
    assert "Target: torchtitan 0.3.0" in ran.err


def test_statistics_count_rules(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY + 'again = model_registry("8B_varlen")\n')
    (project / "b.py").write_text(UNSUPPORTED)
    ran = titan_lint("--statistics")
    assert ran.out.startswith(
        "2\tTTN105\t[*] legacy-flavor\n1\tTTN106\t[ ] unsupported-attn-backend\n"
    )
    rows = json.loads(titan_lint("--statistics", "--output-format=json").out)
    assert rows[0] == {"code": "TTN105", "name": "legacy-flavor", "count": 2, "fixable": 2}


def test_show_files_lists_and_stops(project: Path, titan_lint: TitanLint) -> None:
    (project / "b.py").write_text(LEGACY)
    (project / "a.py").write_text("def f(:\n")
    ran = titan_lint("--show-files")
    assert (ran.status, ran.out) == (0, "a.py\nb.py\n")


def test_the_report_can_go_to_a_file(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    shown = titan_lint().out
    ran = titan_lint("--output-file", "report.txt")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"Found 1 error, against torchtitan 0.3.0 ({PIN}); see report.txt.\n"
    assert titan_lint("-q", "--output-file", "report.txt").err == ""
    (project / "b.py").write_text(CLEAN)
    assert titan_lint("-o", "b.txt", "b.py").err.startswith("All checks passed")
    assert "!;" not in titan_lint("-o", "b.txt", "b.py").err
    titan_lint("--output-file", "report.txt")
    assert (project / "report.txt").read_text() == shown
    assert titan_lint("--output-file", "no/such/dir").status == 2


def test_the_same_order_whatever_the_number_of_processes(
    project: Path, titan_lint: TitanLint
) -> None:
    for number in range(30):
        (project / f"f{number:02}.py").write_text(LEGACY + f"# {'x' * number * 100}\n")
    (project / "broken.py").write_text("import torchtitan\ndef f(:\n")
    one = titan_lint("--no-cache", "-j1", "--output-format=json")
    three = titan_lint("--no-cache", "-j3", "--output-format=json")
    assert one.status == three.status == 2
    assert one.out == three.out
    assert len(json.loads(one.out)["findings"]) == 30


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--select", "TTN105"], "TTN105"),
        (["--select", "TTN1", "--ignore", "TTN106"], "TTN105"),
        (["--select", "legacy-flavor"], "TTN105"),
        (["--ignore", "TTN106", "--extend-select", "TTN105"], "TTN105"),
        (["--ignore", "TTN105"], "TTN106"),
        (["--per-file-ignores", "a.py:TTN105"], "TTN106"),
        (["--per-file-ignores", "!*.txt:TTN106"], "TTN105"),
    ],
)
def test_rules_are_selected(
    project: Path, titan_lint: TitanLint, arguments: list[str], code: str
) -> None:
    (project / "a.py").write_text(LEGACY + 'x = model_registry("8B", attn_backend="sdpa")\n')
    found = json.loads(titan_lint(*arguments, "--output-format=json").out)["findings"]
    assert [finding["code"] for finding in found] == [code]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "TTN777"], "--select: there is no rule 'TTN777'; did you mean"),
        (["--ignore", "legacy-flavour"], "did you mean `legacy-flavor`"),
        (["--per-file-ignores", "a.py"], "expected PATTERN:RULE"),
        (
            ["--torchtitan", "9.9.9"],
            "--torchtitan: torchtitan 9.9.9 is later than all that is known here",
        ),
        (["--from", "9.9.9"], "--from: torchtitan 9.9.9 is later than all that is known here"),
        (["--config", "gone.toml"], "gone.toml: cannot be read"),
        (["--isolated", "--config", "pyproject.toml"], "exclude each other"),
        (["--add-noqa", "--fix"], "`--add-noqa` and `--fix` exclude each other"),
        (["--baseline", "gone.json"], "gone.json: cannot be read"),
        (["-j0"], "`--jobs` must be 1 or more"),
        (["--stdin-filename", "x.py"], "`--stdin-filename` needs the path `-`"),
        (["-", "a.py"], "cannot be combined"),
        (["--statistics", "--output-format=sarif"], "`--statistics` has no sarif format"),
        (["--zzz"], "error: no such option '--zzz'; see `titan-lint --help`\n"),
        (
            ["--fxi"],
            "error: no such option '--fxi'; did you mean `--fix` or `--config`? See `titan-lint --help`\n",
        ),
        (
            ["api", "shwo"],
            "error: no such command 'shwo'; did you mean `show`? See `titan-lint api --help`\n",
        ),
        (["rule", "TTN902"], "did you mean `TTN901` or `TTN502`? See `titan-lint rule --help`\n"),
        (["--output-format=xml"], "'xml' is not one of"),
        (["--select"], "requires an argument"),
    ],
)
def test_a_wrong_command_line_is_explained_and_exits_2(
    project: Path, titan_lint: TitanLint, arguments: list[str], message: str
) -> None:
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint(*arguments)
    assert ran.status == 2
    assert message in ran.err
    assert ran.out == ""


def test_several_targets_are_named_and_findings_say_where_they_hold(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint(
        "--torchtitan", "0.3.0", "--torchtitan", "2026-06-30", "--output-format=concise"
    )
    assert ran.status == 1
    assert "(at torchtitan 0.3.0, torchtitan main of " in ran.out
    assert ran.out.count("Checked against torchtitan") == 2


def test_a_message_that_names_its_torchtitan_does_not_name_it_again(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    (line, *_) = titan_lint(
        "--torchtitan=0.2.2", "--torchtitan=0.3.0", "--output-format=concise"
    ).out.splitlines()
    assert line.count("torchtitan 0.3.0") == 1


def test_standard_input_is_checked_under_the_name_given(
    project: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint(
        "-", "--stdin-filename", "src/x.py", "--output-format=concise", stdin=LEGACY.encode()
    )
    assert ran.status == 1
    assert ran.out.startswith("src/x.py:3:23: TTN105 ")
    assert titan_lint("-", stdin=FIXED.encode()).status == 0


def test_forced_exclusions_hold_for_standard_input(project: Path, titan_lint: TitanLint):
    (project / "titan-lint.toml").write_text('extend-exclude = ["old"]\ntorchtitan = "0.3.0"\n')
    data = LEGACY.encode()
    old = "-", "--stdin-filename", "old/x.py"
    assert titan_lint(*old, stdin=data).status == 1
    assert titan_lint(*old, "--force-exclude", stdin=data).status == 0
    assert titan_lint(*old, "--force-exclude", "--fix", stdin=data).raw == data
    new = "-", "--stdin-filename", "new/x.py", "--force-exclude"
    assert titan_lint(*new, stdin=data).status == 1


def test_a_mistake_in_a_rule_costs_one_line_and_names_the_rule(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from titan_lint import rules

    def broken(file: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(rules.rule("TTN106"), "check", broken)
    (project / "a.py").write_text(LEGACY)
    ran = titan_lint("--no-cache")
    assert ran.status == 2
    assert ran.err == (
        "error: a.py: rule TTN106 (unsupported-attn-backend) failed (KeyError: 'oops'); this is a "
        "mistake in titan-lint: please report it with the output of `-v`\n"
    )
    assert "TTN105" in ran.out
    assert "in broken" in titan_lint("--no-cache", "-v").err
