"""Write the pages and schemas that are made from the code, or check that they are current.

    python scripts/build_docs.py [--check]

Made are a page for each rule, their index, the catalogue of changes, the command line's reference,
a schema for each file of data in ``titan_lint/api/changes`` and for each JSON document that titan-lint
writes, the picture of a run in colors, and in the other pages what stands between marks: the tables of
rules and of JSON documents, LibCST's commands with their arguments, and the output of what is run here (titan-lint, or a module of Python's),

    <!-- output: titan-lint api versions -->
    <!-- end output -->

and the commands of a page that work in a folder of examples, one after the other in one copy of it,

    <!-- output in docs/examples/upgrade: titan-lint --fix -->
    <!-- end output -->
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import gpu_results
import schemas
import terminal_picture

import titan_lint
from codemods.command import FixCommand
from titan_lint import newer_data, rules
from titan_lint.api import changes
from titan_lint.api.changes import records
from titan_lint.cli import CONTEXT, arguments
from titan_lint.cli.main import COMMANDS, command_of
from titan_lint.report import rule_page as pages
from titan_lint.structs import Struct, defaults

if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint.cli.arguments import Option
    from titan_lint.rules.base import Rule

ROOT = Path(__file__).resolve().parents[1]
PICTURED = (
    "titan-lint --isolated --no-cache --color always --torchtitan 0.3.0 --select TTN101,TTN102"
    " fixtures/engines/founding.py"
)
"""The command that the picture of a run shows."""

NOTE = "<!-- Made by scripts/build_docs.py; edit the code instead. -->\n\n"


def main(argv: list[str]) -> int:
    """Write or check; return the exit status."""
    wanted = build()
    if argv == ["--check"]:
        wrong = [name for name, text in wanted.items() if _read(ROOT / name) != text]
        wrong += [str(path.relative_to(ROOT)) for path in _superfluous(wanted)]
        for name in wrong:
            print(f"{name} is not current; run `python scripts/build_docs.py`")
        return 1 if wrong else 0
    for name, text in wanted.items():
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(text, encoding="utf-8")
    for path in _superfluous(wanted):
        path.unlink()
    return 0


def build() -> dict[str, str]:
    """Make the text of every file, by its path from the root."""
    made = {f"docs/rules/{rule.name}.md": NOTE + pages.page(rule) for rule in _rules()}
    made["docs/rules/README.md"] = NOTE + "# Rules\n\n" + rules_table("")
    made["docs/catalogue.md"] = NOTE + catalogue_page()
    made["docs/command-line.md"] = NOTE + command_line_page()
    made |= schemas.made() | schemas.of_documents() | schemas.of_settings()
    made["docs/images/run.svg"] = terminal_picture.svg(_printed(shlex.split(PICTURED), ROOT))
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))):
        name = str(path.relative_to(ROOT))
        if name not in made:
            made[name] = _filled(_read(path))
    return made


def rules_table(folder: str) -> str:
    """Write the table of rules, with links into ``folder``."""
    lines = ["| Code | Rule | Severity | Fix | What it finds |", "| --- | --- | --- | --- | --- |"]
    for rule in _rules():
        link = f"[{rule.name}]({folder}{rule.name}.md)"
        fix = pages.fix(rule).replace("none", "")
        cells = (rule.code, link, rule.severity.value, fix, pages.summary(rule))
        lines.append(_row(*cells))
    return "\n".join(lines) + "\n"


def catalogue_page() -> str:
    """Write the catalogue of changes as a table."""
    lines = [
        "# Catalogue of changes",
        "",
        "What torchtitan changed, by the commit that did, and what is made of the old form. The rows",
        "are the data in `titan_lint/api/changes/data`. What is gone without a successor needs no row: it",
        "is told from the [API surfaces](api.md) alone.",
        "",
        "| Row | On main since | Commit | Old | New | Fix | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for change in changes.catalogue():
        fix = change.applicability.value if change.applicability else ""
        old, new = _form(change.old), _form(change.new)
        lines.append(_row(change.id, change.day, change.commit, old, new, fix, change.note))
    return "\n".join(lines) + "\n"


def command_line_page() -> str:
    """Write the reference of the command line."""
    lines = [
        "# Command line",
        "",
        "`titan-lint [OPTIONS] [PATHS]...` checks; `.` where no path is given, and `-` is standard input.",
        "",
    ]
    sections: dict[str, list[Option]] = {}
    for option in arguments.OPTIONS:
        sections.setdefault(option.section, []).append(option)
    for title, options in sections.items():
        lines += [f"## {title}", "", "| Option | |", "| --- | --- |"]
        for option in options:
            value = f" {option.metavar}" if option.metavar else ""
            flags = ", ".join(f"`{flag}{value}`" for flag in option.flags)
            lines.append(_row(flags, option.text))
        lines.append("")
    lines += ["## Commands", "", "| Command | |", "| --- | --- |"]
    lines += [_row(f"`titan-lint {name}`", text) for name, text in COMMANDS.items()]
    lines += [
        "",
        "A path that is called like a command is written `./rule`.",
        "",
        *(line for name in COMMANDS if name != "check" for line in help_of(command_of(name), name)),
        "## Exit status",
        "",
        "| Status | |",
        "| --- | --- |",
        _row(
            "0",
            "Nothing is left of the severity of `--fail-on` or a worse one: no error and no warning.",
        ),
        _row("1", "Something is, or `--diff` shows something."),
        _row(
            "2",
            "The command line, the configuration or a file is wrong. Other files are still reported.",
        ),
        _row("130", "Interrupted."),
    ]
    return "\n".join(lines) + "\n"


def help_of(command: click.Command, name: str) -> list[str]:
    """What a command says after `--help`, and after it those of its group say."""
    words = f"titan-lint {name}"
    with click.Context(command, info_name=words, **{**CONTEXT, "terminal_width": 80}) as context:
        shown = command.get_help(context)
    lines = [f"### {words}", "", "```text", *map(str.rstrip, shown.splitlines()), "```", ""]
    if isinstance(command, click.Group):
        for each, inner in sorted(command.commands.items()):
            lines += help_of(inner, f"{name} {each}")
    return lines


def documents_table() -> str:
    """Write the table of the JSON documents that titan-lint writes, with their schemas."""
    lines = ["| Schema | Document |", "| --- | --- |"]
    for name, text in schemas.of_documents().items():
        link = f"[{Path(name).name}]({Path(name).relative_to('docs')})"
        lines.append(_row(link, json.loads(text)["description"]))
    return "\n".join(lines) + "\n"


def codemods_table() -> str:
    """Write the table of LibCST's commands."""
    lines = ["| Command | Rules | What it does |", "| --- | --- | --- |"]
    for command in commands():
        name = f"{command.__module__.removeprefix('codemods.')}.{command.__name__}"
        codes = "all" if tuple(rules.names()) == command.CODES else ", ".join(command.CODES)
        lines.append(_row(f"`{name}`", codes, command.DESCRIPTION))
    return "\n".join(lines) + "\n"


def commands() -> list[type[FixCommand]]:
    """Find LibCST's commands, in the order of their modules."""
    paths = sorted((ROOT / "codemods").glob("*.py"))
    modules = [importlib.import_module(f"codemods.{path.stem}") for path in paths]
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__ and value.CODES
    ]


def codemods_arguments() -> str:
    """Write the table of the arguments that LibCST's commands take."""
    parser = argparse.ArgumentParser(add_help=False)
    FixCommand.add_args(parser)
    lines = ["| Argument | |", "| --- | --- |"]
    for action in parser._actions:
        value = f" {action.metavar}" if action.metavar else ""
        lines.append(_row(f"`{action.option_strings[0]}{value}`", f"{action.help}"))
    return "\n".join(lines) + "\n"


def _rules() -> list[Rule]:
    return [rules.rule(code) for code in rules.names()]


def _form(form: Struct | None) -> str:
    """Write what a change says of the old or the new form."""
    parts: list[str] = []
    for key, value in _said(form).items() if form is not None else ():
        values = value if isinstance(value, tuple) else [value]
        shown = (each if isinstance(each, str) else json.dumps(each) for each in values)
        parts.append(f"{key.replace('_', ' ')} {', '.join(f'`{text}`' for text in shown)}")
    return ", ".join(parts)


def _said(record: Struct) -> dict[str, object]:
    """What a record says, by key: its fields but for those left at their defaults."""
    return {
        records.key_of(name): _plain(getattr(record, name))
        for name in record.__fields__
        if name not in (left := defaults(type(record))) or getattr(record, name) != left[name]
    }


def _plain(value: object) -> object:
    """A value without records in it."""
    if isinstance(value, Struct):
        return _said(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def library_reference() -> str:
    """Write what there is for use from Python, from its docstrings."""
    parts: list[str] = []
    for name in sorted(set(titan_lint.__all__) - {"__version__"}, key=lambda n: (n.casefold(), n)):
        value = getattr(titan_lint, name)
        form = f"class {name}"
        if inspect.isfunction(value):
            form = name + re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(value)))
        text = inspect.cleandoc(value.__doc__ or "")
        parts.append(f"### {name}\n\n```python\n{form}\n```\n\n{_docstring(text)}\n")
    return "\n".join(parts)


def _docstring(text: str) -> str:
    """A docstring as Markdown: its sections as lists, its roles as code."""
    lines: list[str] = []
    for line in re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`").split("\n"):
        entry = re.match(r" {4}([*\w]+): (.*)", line)
        if entry is not None:
            lines.append(f"- `{entry[1]}`: {entry[2]}")
        elif re.match(r"\w+:$", line):
            lines += [line.rstrip(":") + ":", ""]
        else:
            lines.append(f"  {line.strip()}" if line.startswith("     ") else line.strip())
    return "\n".join(lines)


_TABLES = {
    "library": library_reference,
    "rules": lambda: rules_table("docs/rules/"),
    "commands": codemods_table,
    "documents": documents_table,
    "arguments": codemods_arguments,
    "measurement": gpu_results.last_table,
    "real engines": gpu_results.real_engines,
}
_TABLE = re.compile(rf"<!-- ({'|'.join(_TABLES)}) -->.*?<!-- end \1 -->", re.DOTALL)
_OUTPUT = re.compile(
    r"<!-- output(?: in (\S+))?: (titan-lint|python -m|cat) (.*?) -->.*?<!-- end output -->",
    re.DOTALL,
)


def _filled(text: str) -> str:
    """Fill in what stands between the marks of a page."""
    text = _TABLE.sub(
        lambda match: f"<!-- {match[1]} -->\n\n{_TABLES[match[1]]()}\n<!-- end {match[1]} -->", text
    )
    with tempfile.TemporaryDirectory() as scratch:
        return _OUTPUT.sub(lambda match: _output(Path(scratch), match), text)


def _output(scratch: Path, match: re.Match[str]) -> str:
    """Run a command and show what it prints.

    It runs in the root of the repository, or in the copy of a folder that the page's commands share.
    """
    folder, program, line = match.groups()
    mark = match[0].partition("-->")[0] + "-->"
    words = shlex.split(line)
    where = ROOT
    if folder is not None:
        where = scratch / folder
        if not where.exists():
            shutil.copytree(ROOT / folder, where)
    printed = _printed([*program.split(), *words], where)
    language = "diff" if {"--diff", "-u"} & set(words) else "text"
    if words[0] == "convert":
        language = "python"
    if program == "cat":
        language = {".py": "python", ".toml": "toml"}.get(Path(words[-1]).suffix, "text")
    return f"{mark}\n\n```{language}\n{printed}\n```\n\n<!-- end output -->"


def _printed(command: list[str], where: Path) -> str:
    """Run titan-lint, a module of Python's or `cat` in a folder; what it prints, without the folder's path."""
    if command[0] == "titan-lint":
        command = ["python", "-m", "titan_lint", *command[1:]]
    if command[0] == "python":
        command = [sys.executable, *command[1:]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), newer_data.VARIABLE: ""}
    done = subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, check=False
    )
    printed = re.sub(r"\b\d+ days ago", "N days ago", done.stdout)
    return printed.replace(f"{ROOT}/", "").replace(f"{where}/", "").rstrip()


def _superfluous(wanted: Mapping[str, str]) -> list[Path]:
    """Find pages of rules, and schemas of files, that are gone."""
    there = [*(ROOT / "docs" / "rules").glob("*.md")]
    there += [
        path for each in (schemas.FOLDER, schemas.OUTPUT) for path in (ROOT / each).glob("*.json")
    ]
    return sorted(path for path in there if str(path.relative_to(ROOT)) not in wanted)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
