"""The forms of patches that the rules are held to, executed: what works there works, what fails there fails."""

from __future__ import annotations

import pytest

from tests.agreement.oracle import Oracle, missing, site_of
from tests.rules.patch_cases import MODULE, failing, working


@pytest.mark.skipif(bool(missing()), reason=missing() or "torch is installed")
@pytest.mark.network
def test_patches_do_on_the_release_what_the_rules_are_told_that_they_do() -> None:
    cases = {name: (text, "works") for name, text in working().items()}
    cases |= {f"not {name}": (text, "fails") for name, text in failing().items()}
    cases = dict(list(cases.items())[::4])
    oracle = Oracle("0.3.0", site_of("0.3.0", {}))
    try:
        # What a program imports first itself would be new to every one of them.
        oracle.imported([MODULE, "torchtitan.distributed"])
        jobs = [
            {
                "files": {"main": text},
                "main": "main",
                "use": [MODULE, ""],
                "stop": [],
                "alone": True,
                "fresh": [],
            }
            for text, _ in cases.values()
        ]
        oracle.ask({"programs": jobs, "jobs": 2})
        results = oracle.results()
    finally:
        oracle.close()
    wrong = {
        name: result
        for (name, (_, outcome)), result in zip(cases.items(), results, strict=True)
        if result.outcome != outcome
    }
    # What is imported already is not stubbed by default.
    assert wrong.keys() <= {"a stub: setdefault"}
