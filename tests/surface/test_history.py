"""Questions that go through all bundled surfaces."""

from __future__ import annotations

from titan_lint.api import Class, Function, bundle, history
from titan_lint.api.signatures import KINDS


def test_definitions_are_those_that_lookups_find_at_every_surface() -> None:
    surfaces = [bundle.load(key) for key in history.timeline()]
    known = 0
    for module in sorted(surfaces[-1].modules):
        for name, record in surfaces[-1].module_record(module).get("members", {}).items():
            paths = [f"{module}.{name}"]
            if record["k"] == "c":
                paths = [f"{module}.{name}.{inner}" for inner in list(record.get("m", ()))[:2]]
            for path in paths:
                written = history.definitions(path)
                if written is None:
                    continue
                known += 1
                found = {
                    tuple((p.name, p.kind) for p in function.parameters)
                    for surface in surfaces
                    if isinstance(function := surface.lookup(path), Function)
                }
                assert found == {
                    tuple((name, KINDS[kind]) for name, kind, *_ in record.get("p", ()))
                    for record in written
                }, path
                assert not any(isinstance(s.lookup(path), Class) for s in surfaces), path
    assert known > 500


def test_what_is_no_function_everywhere_has_no_definitions() -> None:
    assert history.definitions("torchtitan.trainer.Trainer") is None
    assert history.definitions("torchtitan.config.JobConfig") is None
    assert history.definitions("torchtitan.no.such") == history.definitions("none.at.all") == ()
