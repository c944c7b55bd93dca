"""Patches of torchtitan in the forms that tests write, each with what it makes of 0.3.0."""

from __future__ import annotations

import textwrap

HEAD = """\
import contextlib
import importlib
import sys
import types
import unittest
from unittest import mock
from unittest.mock import MagicMock, patch
import pytest
"""

GONE = """\
from torchtitan.components.loss import build_cross_entropy_loss
build_cross_entropy_loss(job_config=None).anything
"""
"""What 0.3.0 lacks, used."""

MODULE = "torchtitan.components.loss"
NAME = f"{MODULE}.build_cross_entropy_loss"
PATCHES = {
    "a name": f"patch('{NAME}', create=True)",
    "a name, by something": f"mock.patch('{NAME}', MagicMock(), create=True)",
    "a name of a module": (
        f"patch.object(importlib.import_module('{MODULE}'), 'build_cross_entropy_loss', create=True)"
    ),
    "several": f"patch.multiple('{MODULE}', create=True, build_cross_entropy_loss=MagicMock())",
    "a module": f"patch.dict(sys.modules, {{'{MODULE}': MagicMock()}})",
    "a module, by path": f"mock.patch.dict('sys.modules', {{'{MODULE}': MagicMock()}})",
    "a module, by pairs": f"patch.dict(sys.modules, dict([('{MODULE}', MagicMock())]))",
    "modules by name": f"patch.dict(sys.modules, dict.fromkeys(['{MODULE}'], MagicMock()))",
    "modules in two dictionaries": (
        f"patch.dict(sys.modules, {{**{{'{MODULE}': MagicMock()}}, 'other': MagicMock()}})"
    ),
}

NAMED = ("a name", "a name, by something", "a name of a module", "several")

WAYS = {
    "with": "with {patch}:\n{block}",
    "with, one of several": "with contextlib.nullcontext(), {patch} as found:\n{block}",
    "with a name": "patcher = {patch}\nwith patcher:\n{block}",
    "a decorator": "@{patch}\ndef run(*found):\n{block}\nrun()",
    "a decorator of a class": (
        "@{patch}\nclass Case:\n    def test_it(self, *found):\n{inner}\nCase().test_it()"
    ),
    "a stack": "with contextlib.ExitStack() as stack:\n    stack.enter_context({patch})\n{block}",
    "start": "{patch}.start()\n{use}",
    "start by name": "patcher = {patch}\npatcher.start()\n{use}\npatcher.stop()",
    "start in a function": "def start():\n    {patch}.start()\n\nstart()\n{use}",
    "setUp": (
        "class Case(unittest.TestCase):\n    def setUp(self):\n        patcher = {patch}\n"
        "        patcher.start()\n        self.addCleanup(patcher.stop)\n\n"
        "    def test_it(self):\n{inner}\nCase('test_it').debug()"
    ),
    "enterContext": (
        "class Case(unittest.TestCase):\n    def setUp(self):\n"
        "        stack = contextlib.ExitStack()\n        stack.enter_context({patch})\n"
        "        self.addCleanup(stack.close)\n\n"
        "    def test_it(self):\n{inner}\nCase('test_it').debug()"
    ),
    "a context manager": (
        "@contextlib.contextmanager\ndef old():\n    with {patch}:\n        yield\n\n"
        "with old():\n{block}"
    ),
    "a helper": "def run():\n{block}\nwith {patch}:\n    run()",
    "a helper of a helper": (
        "def use():\n{block}\ndef run():\n    return use()\n\n@{patch}\ndef test_it(*found):\n"
        "    run()\n\ntest_it()"
    ),
    "a function of the block": "with {patch}:\n    def run():\n{inner}\n    run()",
    "started again": (
        "patcher = {patch}\npatcher.start()\npatcher.stop()\n"
        "def run():\n{block}\n\npatcher.start()\nrun()\npatcher.stop()"
    ),
    "a method, started again": (
        "patcher = {patch}\npatcher.start()\npatcher.stop()\n"
        "class Case:\n    def run(self):\n{inner}\n\npatcher.start()\nCase().run()\npatcher.stop()"
    ),
    "used afterwards": "with {patch}:\n{imports}\n{rest}",
}

LAMBDAS = {
    "a lambda of the block": "with {patch}:\n{imports}\n    run = lambda: {rest}    run()",
    "a lambda that the block hands over": (
        "def run(use):\n    use()\n\nwith {patch}:\n{imports}\n    run(lambda: {rest})"
    ),
    "a lambda of the module": (
        f"import torchtitan.components.loss\nrun = lambda: {NAME}()\nwith {{patch}}:\n    run()"
    ),
}

LAMBDA_RUN_LATER = (
    f"import torchtitan.components.loss\nwith {{patch}}:\n    run = lambda: {NAME}()\nrun()"
)

NOT_THERE = {
    "before": "{use}\nwith {patch}:\n    pass",
    "after a block": "with {patch}:\n    pass\n{use}",
    "after a stop": "patcher = {patch}\npatcher.start()\npatcher.stop()\n{use}",
    "in a function, after a stop": (
        "patcher = {patch}\npatcher.start()\npatcher.stop()\ndef run():\n{block}\n\nrun()"
    ),
    "in a method, after a stop": (
        "patcher = {patch}\npatcher.start()\npatcher.stop()\n"
        "class Case:\n    def run(self):\n{inner}\n\nCase().run()"
    ),
    "in another function": (
        "@{patch}\ndef test_one(*found):\n    pass\n\ndef test_other():\n{block}\n"
        "test_one()\ntest_other()"
    ),
    "after a stack": (
        "with contextlib.ExitStack() as stack:\n    stack.enter_context({patch})\n{use}"
    ),
    "a function of the block, run later": "with {patch}:\n    def run():\n{inner}\nrun()",
    "never started": "patcher = {patch}\n{use}",
}

MONKEYPATCHES = {
    "setitem": f"m.setitem(sys.modules, '{MODULE}', MagicMock())",
    "setattr by path": f"m.setattr('{NAME}', MagicMock(), raising=False)",
    "setattr": (
        f"m.setattr(importlib.import_module('{MODULE}'), 'build_cross_entropy_loss', MagicMock(),"
        " raising=False)"
    ),
}
MONKEYPATCHED = {
    "a context": "with pytest.MonkeyPatch.context() as m:\n    {patch}\n{block}",
    "a test": "def test_it(m):\n    {patch}\n{block}\ntest_it(pytest.MonkeyPatch())",
    "a helper": (
        "def put(m):\n    {patch}\n\ndef test_it(m):\n    put(m)\n{block}\ntest_it(pytest.MonkeyPatch())"
    ),
}

STUBS = {
    "sys.modules": f"sys.modules['{MODULE}'] = MagicMock()\n",
    "a name as well": f"stub = sys.modules['{MODULE}'] = MagicMock()\n",
    "in a loop": f"for name in ['{MODULE}', 'other']:\n    sys.modules[name] = MagicMock()\n",
    "update": f"sys.modules.update({{'{MODULE}': MagicMock()}})\n",
    "setdefault": f"sys.modules.setdefault('{MODULE}', MagicMock())\n",
    "a name of a package": (
        "for name in ['loss']:\n    sys.modules[f'torchtitan.components.{name}'] = MagicMock()\n"
    ),
}

THERE = """\
from torchtitan.distributed import ParallelDims
dims = ParallelDims(etp=1)
dims.nothing_like_it
"""

REPLACED = (
    "patch('torchtitan.distributed.ParallelDims')",
    "patch('torchtitan.distributed.ParallelDims', side_effect=lambda etp: MagicMock())",
    "patch.dict(sys.modules, {'torchtitan.distributed': MagicMock()})",
)
SPECIFIED = (
    "patch('torchtitan.distributed.ParallelDims', autospec=True)",
    "patch('torchtitan.distributed.ParallelDims', spec=True)",
)


def put(way: str, what: str, use: str = GONE) -> str:
    """A program that does something under a patch, or beside it.

    Args:
        way: How the patch is applied, and where the use stands.
        what: The patch.
        use: What is done; its first line is an import.
    """
    imports, _, rest = use.partition("\n")
    parts = {
        "patch": what,
        "use": use,
        "block": textwrap.indent(use, " " * 4),
        "inner": textwrap.indent(use, " " * 8),
        "imports": f"    {imports}",
        "rest": rest,
    }
    return HEAD + way.format(**parts) + "\n"


def working() -> dict[str, str]:
    """Programs that work on 0.3.0, by what they do."""
    found = {f"{way}: {what}": put(WAYS[way], PATCHES[what]) for way in WAYS for what in PATCHES}
    found |= {
        f"{way}: {what}": put(LAMBDAS[way], PATCHES[what]) for way in LAMBDAS for what in NAMED
    }
    found |= {f"{way}: {what}": put(WAYS[way], what, THERE) for way in WAYS for what in REPLACED}
    found |= {
        f"{way}: {what}": put(MONKEYPATCHED[way], MONKEYPATCHES[what])
        for way in MONKEYPATCHED
        for what in MONKEYPATCHES
    }
    return found | {f"a stub: {what}": f"{HEAD}{STUBS[what]}{GONE}" for what in STUBS}


def failing() -> dict[str, str]:
    """Programs that do not."""
    found = {
        f"{way}: {what}": put(NOT_THERE[way], PATCHES[what])
        for way in NOT_THERE
        for what in PATCHES
    }
    found |= {
        f"a lambda, run later: {what}": put(LAMBDA_RUN_LATER, PATCHES[what]) for what in NAMED
    }
    found |= {f"{way}: {what}": put(WAYS[way], what, THERE) for way in WAYS for what in SPECIFIED}
    return found | {f"a stub: {what}": f"{HEAD}{GONE}{STUBS[what]}" for what in STUBS}
