"""What a run found, in the words of people, editors, and code hosts."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.config.settings import Settings
    from titan_lint.run.outcome import Outcome


def render(
    outcome: Outcome, settings: Settings, *, colour: bool = False, links: bool = False
) -> str:
    """Write the report in the format that the settings ask for; empty where there is nothing to say.

    Args:
        outcome: What came of the run.
        settings: What was asked for.
        colour: Whether terminal colours may be used.
        links: Whether codes may be hyperlinks of a terminal.
    """
    name = settings.output_format
    from titan_lint.config.settings import TEXT_FORMATS

    if name in TEXT_FORMATS:
        from titan_lint.report import text

        return text.render(outcome, settings, colour=colour, links=links)
    import importlib

    module = importlib.import_module(f"titan_lint.report.{name}")
    rendered: str = module.render(outcome, settings)
    return rendered
