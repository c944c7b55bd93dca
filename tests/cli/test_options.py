"""What a check is asked for on the command line and in the configuration, beside what to check."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import pytest

from tests.projects import BARE, CLEAN, FIXED, LEGACY, UNSUPPORTED
from titan_lint.cli import main, terminal

if TYPE_CHECKING:
    from tests.projects import TitanLint

COLOUR = "\x1b["


def configure(project: Path, text: str) -> None:
    (project / "titan-lint.toml").write_text(f'torchtitan = "0.3.0"\n{text}\n')


def test_check_is_a_word_for_what_is_done_without_it(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY)
    assert titan_lint("check", "a.py").out == titan_lint("a.py").out != ""
    (project / "check").mkdir()
    (project / "check" / "b.py").write_text(LEGACY)
    assert "check/b.py" in titan_lint("./check").out


@pytest.mark.parametrize(
    "words", [[], ["check"], *([name] for name in main.COMMANDS), ["api", "diff"]]
)
def test_every_command_explains_itself_after_h_with_nothing_cut(
    words: list[str], titan_lint: TitanLint
) -> None:
    short, long = titan_lint(*words, "-h"), titan_lint(*words, "--help")
    assert short.status == 0
    assert short.out == long.out
    assert "Usage: titan-lint" in short.out
    usage, _, rest = short.out.partition("\n")
    assert "..." not in rest
    assert usage.count("...") <= 1


def test_help_names_the_values_and_the_default_of_an_option(titan_lint: TitanLint) -> None:
    shown = " ".join(titan_lint("--help").out.split())
    assert "One of `auto`, `always`, `never`. [default: auto]" in shown
    assert "One of `error`, `warning`, `info`. [default: warning]" in shown
    assert "`junit`" in shown


@pytest.mark.parametrize(
    "words",
    [
        *(["--bogus"], ["rule"], ["rule", "TTN999"], ["api", "diff"], ["compat", "--config", "x"]),
        ["completion"],
    ],
)
def test_whatever_is_wrong_is_one_line_that_begins_with_error(
    words: list[str], project: Path, titan_lint: TitanLint
) -> None:
    ran = titan_lint(*words)
    assert (ran.status, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("error: ")
    assert "\\" not in line


def test_a_group_without_a_command_shows_its_help(titan_lint: TitanLint) -> None:
    ran = titan_lint("api")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == titan_lint("api", "--help").out


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_color_is_what_the_option_says_and_else_the_environment(
    options: list[str],
    environment: dict[str, str],
    coloured: bool,
    project: Path,
    titan_lint: TitanLint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    (project / "a.py").write_text(LEGACY)
    for more in ([], ["--diff"]):
        assert (COLOUR in titan_lint(*options, *more).out) is coloured


def test_a_coloured_diff_without_its_colours_is_the_diff(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(LEGACY)
    coloured = titan_lint("--diff", "--color=always").out
    assert click.unstyle(coloured) == titan_lint("--diff").out
    assert '\x1b[31m-spec = model_registry("8B_varlen")\x1b[0m' in coloured


def test_a_report_in_a_file_has_no_colours_unless_it_is_asked_for(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    (project / "a.py").write_text(LEGACY)
    titan_lint("-o", "report")
    assert COLOUR not in (project / "report").read_text()
    titan_lint("-o", "report", "--color", "always")
    assert COLOUR in (project / "report").read_text()


def test_codes_lead_to_their_pages_on_a_terminal_with_links(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    from titan_lint.report import pages

    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    monkeypatch.setattr(pages, "_documentation", lambda: "https://example.org/docs/")
    (project / "a.py").write_text(LEGACY)
    link = "\x1b]8;;https://example.org/docs/rules/legacy-flavor/\x1b\\"
    assert f"{link}\x1b[1;31mTTN105\x1b[0m\x1b]8;;\x1b\\ " in titan_lint("--color=always").out
    assert "\x1b]8" not in titan_lint().out
    monkeypatch.setattr(pages, "_documentation", lambda: None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(project / "cache"))
    pages._written.cache_clear()
    (address,) = re.findall(r"\x1b]8;;(file://.*?)\x1b", titan_lint("--color=always").out)
    host, path = urlsplit(address)[1:3]
    assert host == socket.gethostname()
    assert Path(path).read_text().startswith("# legacy-flavor (TTN105)\n")


@pytest.mark.parametrize(
    ("environment", "takes"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "7200"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"WT_SESSION": "x"}, True),
        ({"TERM_PROGRAM": "vscode", "FORCE_HYPERLINK": "0"}, False),
    ],
)
def test_links_are_for_terminals_that_are_known_to_take_them(
    environment: dict[str, str], takes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", environment)
    monkeypatch.setattr(terminal, "_is_terminal", lambda stream: True)
    assert terminal.takes_links(sys.stdout) is takes


def test_show_fixes_lists_files_and_rules(project: Path, titan_lint: TitanLint) -> None:
    (project / "a.py").write_text(LEGACY + 'again = model_registry("8B_varlen")\n')
    listed = "2 findings:\n- a.py:\n    2 × TTN105 (legacy-flavor)\n\n"
    assert titan_lint("--diff", "--show-fixes").err == f"Would fix {listed}"
    ran = titan_lint("--fix", "--show-fixes")
    assert ran.out.startswith(f"Fixed {listed}Found 2 errors (2 fixed, 0 remaining).\n")
    assert "×" not in titan_lint("--fix", "--show-fixes").out


def test_show_settings_tells_what_options_and_configuration_come_to(
    project: Path, titan_lint: TitanLint
) -> None:
    configure(project, 'fail-on = "error"\nseverity = { TTN1 = "warning", TTN106 = "info" }')
    ran = titan_lint("--show-settings", "--exclude", "gone", "--select", "TTN106")
    assert ran.status == 0
    lines = ran.out.splitlines()
    for line in ('fail_on = "error"', 'exclude = ["gone"]', 'codes = ["TTN106"]'):
        assert line in lines
    assert '["TTN105", "warning"], ["TTN106", "info"]' in ran.out


@pytest.mark.parametrize(
    ("options", "configured", "is_fixed"),
    [
        ([], "", True),
        (["--unfixable", "TTN105"], "", False),
        (["--unfixable", "legacy-flavor"], "", False),
        (["--fixable", "TTN2"], "", False),
        (["--fixable", "TTN105", "--unfixable", "TTN1"], "", True),
        ([], 'unfixable = ["TTN1"]', False),
        (["--fixable", "TTN105"], 'unfixable = ["TTN1"]', True),
        ([], 'fixable = ["TTN3"]', False),
    ],
)
def test_only_fixes_of_fixable_rules_are_offered_and_applied(
    options: list[str], configured: str, is_fixed: bool, project: Path, titan_lint: TitanLint
) -> None:
    configure(project, configured)
    (project / "a.py").write_text(LEGACY)
    for _ in range(2):  # the second run is the cache's
        assert ("[*]" in titan_lint(*options).out) is is_fixed
    ran = titan_lint("--fix", *options)
    assert ran.status == (not is_fixed)
    assert (project / "a.py").read_text() == (FIXED if is_fixed else LEGACY)


@pytest.mark.parametrize(
    ("code", "severity", "status"),
    [
        (LEGACY, "error", 1),
        (LEGACY, "info", 1),
        (BARE, "warning", 0),
        (BARE, "info", 1),
        (f"{CLEAN}y = 1  # noqa: TTN106\n", "error", 0),
        (f"{CLEAN}y = 1  # noqa: TTN106\n", "warning", 1),
    ],
)
def test_a_run_fails_on_findings_of_the_severity_asked_for_and_worse(
    code: str, severity: str, status: int, project: Path, titan_lint: TitanLint
) -> None:
    (project / "a.py").write_text(code)
    assert titan_lint("--fail-on", severity).status == status
    configure(project, f'fail-on = "{severity}"')
    assert titan_lint().status == status
    assert titan_lint("--fail-on", "info").status == titan_lint("--fail-on=info", "-n").status


def test_a_rule_has_the_severity_that_the_configuration_gives_it(
    project: Path, titan_lint: TitanLint
) -> None:
    configure(project, 'severity = { TTN1 = "warning", unsupported-attn-backend = "info" }')
    (project / "a.py").write_text(LEGACY)
    (project / "b.py").write_text(UNSUPPORTED)
    for _ in range(2):  # the second run is the cache's
        ran = titan_lint()
        assert "Found 1 warning and 1 info." in ran.out
        assert ran.status == 1
    assert titan_lint("--fail-on", "error").status == 0
    configure(project, 'severity = { TTN106 = "warning" }')
    assert "Found 1 error and 1 warning." in titan_lint().out


def test_a_finding_that_is_milder_than_its_rule_is_made_no_worse(
    project: Path, titan_lint: TitanLint
) -> None:
    configure(project, 'severity = { TTN201 = "error" }')
    tried = "try:\n    import torchtitan.models.llama4\nexcept ImportError:\n    pass\n"
    (project / "a.py").write_text(tried)
    before = titan_lint("--isolated", "--torchtitan", "0.3.0", "--output-format=json").out
    assert '"severity": "error"' not in before
    assert titan_lint("--output-format=json").out == before


def test_what_a_run_does_not_need_is_not_loaded(project: Path) -> None:
    (project / "a.py").write_text(CLEAN)
    program = (
        "import sys; from titan_lint.cli.main import run; run(['check', '--color', 'always', "
        "'--fail-on', 'info', '.']); "
        "print([n for n in ('click', 'libcst', 'importlib.metadata') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
