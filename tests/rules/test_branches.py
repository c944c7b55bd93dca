"""Values that an argument has in one branch or another: each is judged where it stands."""

from __future__ import annotations

import pytest

from tests.rules.cases import found
from titan_lint.finding import Severity

HEAD = """\
from torchtitan.config import ParallelismConfig
from torchtitan.models.llama3 import model_registry


"""
USES = {
    "TTN106": ("model_registry('8B', attn_backend=chosen)", "'sdpa'", "'flex'"),
    "TTN401": ("ParallelismConfig(spmd_backend=chosen)", "'default'", "'spmd_types'"),
    "TTN402": ("model_registry(chosen, attn_backend='flex')", "'9B'", "'8B'"),
}
BRANCHES = {
    "either way": "def build(fast):\n    chosen = {bad} if fast else {good}\n    return {use}\n",
    "an if": "def build(fast):\n    if fast:\n        chosen = {bad}\n    else:\n        chosen = {good}\n    return {use}\n",
    "an if alone": "def build(fast):\n    chosen = {good}\n    if fast:\n        chosen = {bad}\n    return {use}\n",
    "a match": "def build(kind):\n    match kind:\n        case 'a':\n            chosen = {bad}\n        case _:\n"
    "            chosen = {good}\n    return {use}\n",
    "a loop": "def build():\n    for chosen in ({good}, {bad}):\n        yield {use}\n",
    "a loop over a name": "def build():\n    all_of = [{good}, {bad}]\n    for chosen in all_of:\n        {use}\n",
    "a comprehension": "def build():\n    return [{use} for chosen in [{bad}, {good}]]\n",
    "one within the other": "def build(a, b):\n    chosen = ({bad} if b else {good}) if a else {good}\n    return {use}\n",
    "a try": "def build(load):\n    try:\n        load()\n        chosen = {good}\n    except OSError:\n        chosen = {bad}\n"
    "    return {use}\n",
}


@pytest.mark.parametrize("branch", BRANCHES.values(), ids=BRANCHES)
@pytest.mark.parametrize("code", USES)
def test_a_value_that_the_target_refuses_is_told_in_its_branch(code: str, branch: str) -> None:
    use, bad, good = USES[code]
    text = HEAD + branch.format(use=use, bad=bad, good=good)
    (said,) = found(code, text, codes=(code,))
    assert said.severity is Severity.WARNING
    assert text[said.span.start : said.span.end] == bad
    assert found(code, text.replace(bad, good), codes=(code,)) == []


DOUBTS = {
    "what the condition is called": "def build(is_old):\n    chosen = {bad} if is_old else {good}\n    return {use}\n",
    "a version": "import torchtitan\n\nNEW = ask(torchtitan)\nchosen = {good} if NEW else {bad}\n{use}\n",
    "the value is tested": "def build(fast):\n    chosen = {bad} if fast else {good}\n    if chosen == {bad}:\n"
    "        chosen = {good}\n    return {use}\n",
    "something else": "def build(fast, given):\n    chosen = {bad} if fast else given\n    return {use}\n",
    "the failure is taken": "def build(fast):\n    chosen = {bad} if fast else {good}\n    try:\n        return {use}\n"
    "    except (KeyError, ValueError):\n        return None\n",
    "the list changes": "ALL = [{good}, {bad}]\nALL.remove({bad})\nfor chosen in ALL:\n    {use}\n",
    "the list is handed on": "ALL = [{good}, {bad}]\nadapt(ALL)\nfor chosen in ALL:\n    {use}\n",
    "it is never run": "def build():\n    chosen = {good}\n    if False:\n        chosen = {bad}\n    return {use}\n",
}


@pytest.mark.parametrize("doubt", DOUBTS.values(), ids=DOUBTS)
@pytest.mark.parametrize("code", USES)
def test_a_branch_that_may_be_for_another_torchtitan_is_left_alone(code: str, doubt: str) -> None:
    use, bad, good = USES[code]
    assert found(code, HEAD + doubt.format(use=use, bad=bad, good=good), codes=(code,)) == []
