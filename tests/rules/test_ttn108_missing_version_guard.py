"""TTN108: asked for once, and only at several targets."""

from __future__ import annotations

from tests.rules.call_cases import messages


def test_guard_is_asked_for_once_at_several_targets() -> None:
    code = (
        "from torchtitan.models.llama3 import model_registry\n\n\n"
        "def f(attn):\n    return model_registry('8B', attn_backend=attn)\n"
    )
    (message,) = messages(code, "0.2.2 0.3.0")
    assert message.startswith("TTN108")
    assert messages(code) == []
