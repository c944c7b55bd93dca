"""``titan-lint rule``: the documentation of rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from titan_lint import rules
from titan_lint.cli import CONTEXT
from titan_lint.config import selection
from titan_lint.config.settings import load_settings
from titan_lint.report.rule_page import describe, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from titan_lint import json_documents


@click.command(name="rule", context_settings=CONTEXT)
@click.argument("rule", required=False, metavar="[CODE|NAME]")
@click.option("--all", "is_all", is_flag=True, help="Explain all rules.")
@click.option(
    "--rules",
    "modules",
    multiple=True,
    metavar="MODULE",
    help="Comma-separated list of Python modules whose rules are explained, too. They are imported.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the explanation is shown.",
)
def rule(rule: str | None, is_all: bool, modules: tuple[str, ...], output_format: str) -> None:
    """Explain a rule, or all rules."""
    if rule is None and not is_all:
        raise click.UsageError("Give a rule, or --all for all of them.")
    if rule is not None and is_all:
        raise click.UsageError(f"Give {rule!r} or --all, not both.")
    names = load_settings({"rules": modules, "isolated": True, "paths": ()}).names
    found = [rules.rule(code) for code in (sorted(names) if rule is None else [_code(rule, names)])]
    if output_format == "json":
        described = [describe(each) for each in found]
        document: json_documents.Rule = described if is_all else described[0]
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(page(each) for each in found), nl=False)


def _code(given: str, names: Mapping[str, str]) -> str:
    for code, name in names.items():
        if given.upper() == code or given.lower() == name:
            return code
    near = selection.near(given, names)
    raise click.UsageError(f"There is no rule {given!r}{near}.")
