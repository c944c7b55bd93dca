"""Which rules run: codes, prefixes, names and ``ALL``, the more specific one winning."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class SelectionError(Exception):
    """A selector names no rule."""


def match(selector: str, names: Mapping[str, str]) -> tuple[int, tuple[str, ...]]:
    """Find the rules that ``selector`` names.

    Args:
        selector: A code, a code's prefix, a rule's name, or ``ALL``; case does not matter.
        names: Every rule's code and name.

    Returns:
        How specific the selector is (larger is more), and the codes.

    Raises:
        SelectionError: It names none; the message names the near ones.
    """
    upper = selector.upper()
    if upper == "ALL":
        return 0, tuple(names)
    codes = tuple(code for code in names if upper and code.startswith(upper))
    if codes:
        return len(upper), codes
    for code, name in names.items():
        if name == selector.lower():
            return len(code), (code,)
    raise SelectionError(f"there is no rule {selector!r}{near(selector, names)}")


def select(names: Mapping[str, str], *steps: tuple[Sequence[str], bool]) -> tuple[str, ...]:
    """Switch rules on and off.

    Args:
        names: Every rule's code and name.
        steps: Selectors, and whether they switch on or off. On each rule the most specific selector
            decides, and between equally specific ones the one of the later step.

    Returns:
        The codes that are on, in the order of ``names``.

    Raises:
        SelectionError: A selector names no rule.
    """
    decided: dict[str, tuple[int, bool]] = {}
    for selectors, on in steps:
        for selector in selectors:
            weight, codes = match(selector, names)
            for code in codes:
                if code not in decided or weight >= decided[code][0]:
                    decided[code] = (weight, on)
    return tuple(code for code in names if code in decided and decided[code][1])


def near(selector: str, names: Mapping[str, str]) -> str:
    """End a message about a rule that isn't there with the ones that may have been meant."""
    import difflib

    known = [*names, *names.values(), "ALL"]
    close = difflib.get_close_matches(selector.upper(), known, 2)
    close += difflib.get_close_matches(selector.lower(), known, 2)
    if not close:
        return "; `titan-lint rule --all` lists them"
    return f"; {did_you_mean(close[:3])}"


def did_you_mean(near: Iterable[str]) -> str:
    """End a message about a word that isn't known with those that may have been meant."""
    return "did you mean " + " or ".join(f"`{word}`" for word in near) + "?"
