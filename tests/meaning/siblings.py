"""More programs in which a safe fix has to keep a behaviour: the same hazards in other forms."""

from __future__ import annotations

LLAMA = "from torchtitan.models.llama3 import model_registry\nfrom observe import show\n\n\n"

CHOICE = """\
class Choice:
    attn_type = "flex"


CHOICE = Choice()


"""


def _built(before: str, between: str, value: str, call: str, given: str = "") -> str:
    """A function that builds a model, does something, and sets the backend behind a guard."""
    return f"""\
{LLAMA}{before}
def build({given}):
    spec = model_registry("debugmodel")
    {between}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = {value}
    return spec


show({call})
"""


# A safe fix does what was meant, or is not made.
RIGHT: dict[str, tuple[str, ...]] = {
    "a choice that a function settles unseen is the settled one": (
        _built(
            CHOICE + "def settled(f):\n    CHOICE.attn_type = 'varlen'\n    return f\n\n",
            "@settled\n    def hook():\n        pass\n",
            "CHOICE.attn_type",
            "build()",
        ),
        _built(
            CHOICE,
            "best = max((1, 2), key=on_built)",
            "CHOICE.attn_type",
            "build(lambda _: setattr(CHOICE, 'attn_type', 'varlen') or 1)",
            "on_built",
        ),
        _built(
            CHOICE
            + "class Named:\n    def __repr__(self):\n        CHOICE.attn_type = 'varlen'\n"
            + "        return 'named'\n\n",
            "print([named], {'it': named})",
            "CHOICE.attn_type",
            "build(Named())",
            "named",
        ),
    ),
}
