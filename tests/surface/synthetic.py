"""Small packages called torchtitan, made of text, and their surfaces."""

from __future__ import annotations

import textwrap

from titan_lint.api import Class, Function, Surface, Variable
from titan_lint.api.extract.extract import extract_records
from titan_lint.api.extract.tree import Tree
from titan_lint.api.pack import fingerprint
from titan_lint.api.surface import Provenance


def surface(**files: str) -> Surface:
    """The surface of modules named by keyword, with `__` for a dot: `a__b` is `torchtitan/a/b.py`."""
    return extract(tree(**files))


def extract(tree: Tree) -> Surface:
    """The surface of the torchtitan in `tree`."""
    records = extract_records(tree)
    provenance = Provenance(
        key=tree.where, kind="tree", version=tree.version, sha256=fingerprint(records.modules)
    )
    return Surface(provenance, records)


def tree(**files: str) -> Tree:
    """The files themselves. A name that ends in `__init` is a package's `__init__.py`."""
    return Tree(
        "a synthetic torchtitan",
        {
            f"torchtitan/{_path(name)}": textwrap.dedent(text).encode()
            for name, text in files.items()
        },
    )


def _path(name: str) -> str:
    if name == "init":
        return "__init__.py"
    if name.endswith("__init"):
        return name.removesuffix("__init").replace("__", "/") + "/__init__.py"
    return name.replace("__", "/") + ".py"


def function(found: object) -> Function:
    assert isinstance(found, Function), found
    return found


def class_(found: object) -> Class:
    assert isinstance(found, Class), found
    return found


def value(found: object) -> Variable:
    assert isinstance(found, Variable), found
    return found
