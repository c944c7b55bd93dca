"""What is passed to ``model_registry`` by position, or under a former name."""

from __future__ import annotations

import textwrap

from tests.rules.cases import fixed, found

UNKNOWN = (
    'import importlib\n\nmodule = importlib.import_module(f"torchtitan.models.{name}")\n'
    "spec = module.model_registry(flavor, {})\n"
)
CODES = ("TTN101", "TTN107", "TTN301", "TTN303", "TTN401")


def says(text: str) -> list[str]:
    return [finding.code for code in CODES for finding in found(code, text, codes=CODES)]


def becomes(before: str, after: str) -> None:
    """Only when unsafe fixes are asked for."""
    assert fixed(before, codes=CODES).source.text == before
    assert fixed(before, codes=CODES, unsafe=True).source.text == after


def test_a_backend_at_the_place_of_another_parameter_gets_its_name() -> None:
    before = 'from torchtitan.models.gpt_oss import model_registry\nmodel_registry("20b", "flex")\n'
    assert says(before) == ["TTN401"]
    becomes(before, before.replace('"flex"', 'attn_backend="flex"'))


def test_a_backend_that_other_arguments_follow_is_explained() -> None:
    text = (
        "from torchtitan.models.gpt_oss import model_registry\n"
        'model_registry("20b", "flex", "varlen")\n'
    )
    (finding,) = found("TTN401", text, codes=("TTN401",))
    assert finding.fix is None
    assert finding.help == "Pass it as `attn_backend=`"


def test_what_the_parameter_takes_is_left_alone() -> None:
    text = (
        "from torchtitan.models.gpt_oss import model_registry\n"
        'model_registry("20b", "standard", "flex")\n'
    )
    assert says(text) == []


def test_a_backend_under_its_former_name_is_passed_once() -> None:
    before = textwrap.dedent(
        """\
        from torchtitan.models.qwen3 import model_registry

        spec = model_registry("8B", attn_backend_override="varlen")
        """
    )
    becomes(before, before.replace("attn_backend_override", "attn_backend"))


def test_of_a_model_that_is_not_known_only_what_holds_for_all_is_said() -> None:
    (finding,) = found("TTN303", UNKNOWN.replace("{}", "a, b, c, d, e, f"), codes=("TTN303",))
    assert "takes at most 6 positional arguments" in finding.said
    for arguments in ('"flex"', '"flex", None', "a, b, c, d, e", "*more"):
        text = UNKNOWN.replace("{}", arguments)
        assert [c for c in says(text) if c != "TTN107"] == []


def test_arguments_of_a_tuple_or_list_that_is_written_out_are_passed() -> None:
    head = "from torchtitan.models.llama3 import model_registry\n"
    for text, code in (
        ("args = ['8B_varlen']\nmodel_registry(*args)\n", "TTN105"),
        ("args = ('8B', 'sdpa')\nmodel_registry(*args)\n", "TTN106"),
        ("model_registry(*('8B',), 'sdpa')\n", "TTN106"),
        ("rest = ['sdpa']\nmodel_registry('8B', *rest)\n", "TTN106"),
    ):
        (finding,) = found(code, head + text, codes=(code,))
        assert finding.fix is None
    for text in (
        "def f(*args):\n    model_registry(*args, 'sdpa')\n",
        "args = ['8B_varlen']\nargs[0] = '8B'\nmodel_registry(*args)\n",
    ):
        assert found("TTN105", head + text) == found("TTN106", head + text) == []


def test_a_former_name_is_not_changed_where_the_new_one_refuses_the_value() -> None:
    text = textwrap.dedent(
        """\
        from torchtitan.models.qwen3 import model_registry

        for backend in ("sdpa", "flex"):
            model_registry("8B", attn_backend_override=backend)
        model_registry("8B", attn_backend_override="sdpa")
        """
    )
    for version in ("0.3.0", "main"):
        findings = found("TTN301", text, version, codes=("TTN301",))
        assert [finding.fix is not None for finding in findings] == [False, False]
        assert findings[1].help == "Pass a value that `attn_backend` takes; 'sdpa' is none"
        assert "since 2026-04-18 (7cec16600)" in findings[1].notes[0]
    (*_, also) = found("TTN301", text, "2026-04-18", codes=("TTN301",))
    assert also.fix is not None
