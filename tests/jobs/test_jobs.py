"""Which TOML files are job configs, where they are looked for, and what becomes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint.api import targets
from titan_lint.api.changes import facts
from titan_lint.check import jobs
from titan_lint.code import toml
from titan_lint.code.screen import may_be_job
from titan_lint.code.source import Source
from titan_lint.rules import ttn501_unknown_config_key as ttn501
from titan_lint.uses.jobs import document_of
from titan_lint.uses.options import Around

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

JOB = """\
# A job.
[model]
flavor = "8B"   # the large one

[training]
batch_size = 8  # of a rank
steps = 10
"""
FIXED = JOB.replace("batch_size", "local_batch_size")

OTHERS = (
    '[model]\nname = "mine"\n\n[training]\nsteps = 10\nseq_len = 4\nlr = 1\n',
    '[project]\nname = "flavor"\n\n[tool.x]\nbatch_size = 1\n',
    '[model]\nflavor = "8B"\n',
    'seed = 1\n[model]\nflavor = "8B"\n[training]\nsteps = 10\n',
    '[model]\nflavor = "8B"\n[training]\nsteps = 1\n[a]\nb = 1\nc = 1\nd = 1\ne = 1\n',
    '[model]\nflavor = "8B"\n[[training]]\nsteps = 10\n',
    "[model\nflavor",
    '[model]\nname = "gpt2"\n[training]\nbatch_size = 32\nseed = 1\n[optimizer]\nlr = 0.1\n',
    "[training]\nglobal_batch_size = 32\nseed = 1\n[optimizer]\nlr = 0.1\n",
    "[training]\nseed = 1\n[lr_scheduler]\nwarmup_steps = 3\nlr_min = 0.1\n[optimizer]\nlr = 0.1\n",
)

OLD_ONES = (
    '[model]\nflavor = "8B"\n[training]\nbatch_size = 32\n',
    '[job]\ndump_folder = "o"\n[training]\nbatch_size = 32\nseed = 1\n',
    "[training]\nbatch_size = 32\n[parallelism]\ntensor_parallel_degree = 2\n",
)


def found(text: str, *versions: str, around: Around | None = None) -> list[str]:
    linted = jobs.lint(
        Source("job.toml", text),
        codes=["TTN501", "TTN502", "TTN503"],
        targets=targets.parse_all(list(versions)),
        around=around or Around(),
    )
    assert not linted.failures
    return [f"{f.code} {text[f.span.start : f.span.end]}" for f in linted.findings]


@pytest.mark.parametrize("text", OLD_ONES)
def test_a_job_is_told_by_what_torchtitan_coined(text: str) -> None:
    assert document_of(Source("job.toml", text)) is not None


@pytest.mark.parametrize("text", OTHERS)
def test_nothing_is_said_of_other_toml(text: str) -> None:
    assert document_of(Source("job.toml", text)) is None
    assert found(text, "0.2.2", "0.3.0") == []


def test_a_job_config_is_known_by_what_is_in_it(project: Path, titan_lint: TitanLint) -> None:
    (project / "anything.toml").write_text(JOB)
    (project / "job.toml").write_text(OTHERS[0])
    assert may_be_job("job.toml", JOB.encode())
    ran = titan_lint("--select", "TTN5", "--torchtitan", "0.3.0", "--output-format", "json")
    assert ran.status == 1
    rows = json.loads(ran.out)
    assert [row["code"] for row in rows["findings"]] == ["TTN503"]
    assert rows["findings"][0]["path"].endswith("anything.toml")


def test_other_toml_is_no_file_to_check(project: Path, titan_lint: TitanLint) -> None:
    (project / "settings.toml").write_text('[model]\nname = "x"\n')
    assert titan_lint().err == "warning: no Python files found under the given paths\n"
    assert titan_lint("--show-files").out == ""


def test_a_renamed_key_keeps_comments_and_layout(project: Path, titan_lint: TitanLint) -> None:
    path = project / "job.toml"
    path.write_text(JOB)
    options = ("--select", "TTN5", "--torchtitan", "0.2.2")
    assert titan_lint(*options).status == 1
    assert "+local_batch_size = 8  # of a rank" in titan_lint(*options, "--diff").out
    assert path.read_text() == JOB
    assert titan_lint(*options, "--fix").status == 0
    assert path.read_text() == FIXED
    stdin = JOB.replace("\n", "\r\n").encode()
    ran = titan_lint(*options, "--fix", "-", "--stdin-filename", "job.toml", stdin=stdin)
    assert ran.out == FIXED.replace("\n", "\r\n")


def test_a_job_config_is_remembered_and_suppressed(project: Path, titan_lint: TitanLint) -> None:
    path = project / "job.toml"
    path.write_text(JOB)
    options = ("--select", "TTN5,TTN901", "--torchtitan", "0.2.2")
    first, second = titan_lint(*options), titan_lint(*options)
    assert first.out == second.out
    assert "TTN501" in first.out
    assert titan_lint(*options, "--add-noqa").status == 0
    assert "# of a rank  # noqa: TTN501\n" in path.read_text()
    assert titan_lint(*options).status == 0
    path.write_text(FIXED.replace("rank", "rank  # noqa: TTN501"))
    assert "TTN901" in titan_lint(*options).out


def test_a_fix_for_one_torchtitan_must_not_harm_at_another() -> None:
    text = JOB.replace("batch_size = 8", "local_batch_size = 8\nseed = 1")
    assert found(text, "0.2.0") == []
    assert found(text, "0.2.2") == ["TTN501 seed"]
    linted = jobs.lint(
        Source("job.toml", text),
        codes=["TTN501"],
        targets=targets.parse_all(["0.2.0", "0.2.2"]),
        around=Around(),
    )
    (finding,) = linted.findings
    assert finding.targets == ("torchtitan 0.2.2",)
    assert finding.fix is None


@pytest.mark.parametrize(
    ("day", "says"), [("2025-08-22", []), ("2025-09-03", ["TTN501 batch_size"])]
)
def test_a_key_is_reported_only_where_torchtitan_refuses_it_and_does_not_ignore_it(
    day: str, says: list[str]
) -> None:
    assert found(JOB, day) == says


@pytest.mark.parametrize(
    "line", ["local_batch_size = 1", "custom_config_module = 1", "enable_checkpoint = true"]
)
def test_nothing_is_said_where_torchtitan_is_older_than_its_module_of_configs(line: str) -> None:
    assert found(JOB + line + "\n", "0.1.0") == []


def test_a_module_for_more_keys_is_looked_for_only_where_its_key_is_read() -> None:
    text = '[job]\ncustom_config_module = "torchtitan.none"\n\n' + FIXED
    assert found(text, "2025-08-22") == []
    assert found(text, "0.2.2") == ['TTN502 "torchtitan.none"']


def test_a_key_that_is_still_to_come_is_said_to_be() -> None:
    text = JOB.replace("batch_size", "local_batch_size") + "\n[debug]\nseed = 1\n"
    linted = jobs.lint(
        Source("job.toml", text), codes=["TTN501"], targets=targets.parse("0.2.0"), around=Around()
    )
    (finding,) = linted.findings
    assert "is not there yet" in finding.message
    assert finding.notes == (
        "the first known here that has it is torchtitan main of 2025-11-21 (f8fa21e1d)",
    )


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('[checkpoint]\nasync_mode = "ASYNC"', []),
        ('[checkpoint]\nasync_mode = "Disabled"', []),
        ('[checkpoint]\nasync_mode = "async_with_pinned_mem"', []),
        ('[checkpoint]\nasync_mode = "asynchronous"', ['TTN502 "asynchronous"']),
        ('[quantize.linear.mx]\nmxfp8_dim1_cast_kernel_choice = "CUDA"', []),
        ('[quantize.linear.mx]\nmxfp8_dim1_cast_kernel_choice = "hip"', ['TTN502 "hip"']),
        ('[activation_checkpoint]\nmode = "Full"', ['TTN502 "Full"']),
    ],
)
def test_case_does_not_matter_where_torchtitan_changes_it_first(
    table: str, says: list[str]
) -> None:
    assert found(f"{FIXED}\n{table}\n", "0.2.0") == says
    assert found(f"{FIXED}\n{table}\n", "0.2.2") == says


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("local_batchsize = 1", ["TTN501 local_batchsize"]),
        ("local-batch-size = 1", ["TTN501 local-batch-size"]),
        ("mine = 1", []),
    ],
)
def test_a_key_that_no_torchtitan_has_is_reported_where_it_is_all_but_another(
    line: str, says: list[str]
) -> None:
    assert found(FIXED + line + "\n", "0.2.2") == says


def test_a_section_that_is_not_known_may_be_that_of_a_module_of_the_command_line() -> None:
    assert found(FIXED + '[hf_transformers]\nmodel = "x"\n', "0.2.2") == []


def test_keys_are_not_judged_where_the_project_has_a_config_of_its_own() -> None:
    assert found(JOB, "0.2.2", around=Around(extends=True)) == []
    assert found(JOB, "0.3.0", around=Around(extends=True)) == ["TTN503 [model]"]
    assert found(JOB, "0.3.0", around=Around(reads=True)) == []


def test_the_project_is_asked_for_a_config_of_its_own(project: Path, titan_lint: TitanLint) -> None:
    (project / "job.toml").write_text(JOB)
    options = ("--select", "TTN5", "--torchtitan", "0.2.2")
    assert titan_lint(*options).status == 1
    (project / "config.py").write_text("class JobConfig:\n    pass\n")
    assert titan_lint(*options).status == 0
    options = ("--select", "TTN5", "--torchtitan", "0.3.0")
    assert titan_lint(*options).status == 1
    (project / "config.py").write_text("import tomllib\n\nclass JobConfig:\n    pass\n")
    assert titan_lint(*options).status == 0


def test_a_key_goes_to_the_section_that_is_there() -> None:
    text = (
        FIXED
        + "seed = 3 # fixed\n\n[debug]\n# on\ndeterministic = true\n\n[metrics]\nlog_freq = 1\n"
    )
    fixed = jobs.fix(
        Source("job.toml", text), codes=["TTN501"], targets=targets.parse("0.2.2"), around=Around()
    )
    assert fixed.source.text == FIXED + (
        "\n[debug]\n# on\ndeterministic = true\nseed = 3 # fixed\n\n[metrics]\nlog_freq = 1\n"
    )


MOVED = FIXED + "# of all ranks\nseed = 3\n"


def test_a_comment_above_a_key_that_moves_stays_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it would stay behind the fix is not safe, and without that obligation it does."""

    def after() -> str:
        return jobs.fix(
            Source("job.toml", MOVED),
            codes=["TTN501"],
            targets=targets.parse("0.2.2"),
            around=Around(),
        ).source.text

    assert after() == MOVED
    monkeypatch.setattr(ttn501, "unless", lambda *_: ())
    assert "# of all ranks\nseed = 3" not in after()


def test_findings_name_what_the_rule_says_its_fixes_rest_on() -> None:
    texts = [MOVED]
    for change in facts.job_keys().changes:
        section, _, key = change.old.rpartition(".")
        header = f"[{section}]\n{key} = 1\n" if section else f"[{key}]\n"
        if section not in ("training", "model"):
            texts.append(f"{FIXED}\n{header}")
    named = {
        obligation
        for text in texts
        for finding in jobs.lint(
            Source("job.toml", text),
            codes=["TTN501"],
            targets=targets.parse("0.2.2"),
            around=Around(),
        ).findings
        if finding.fix is not None
        for obligation in finding.fix.because
    }
    assert named == set(ttn501.UnknownConfigKey.rests_on)


def test_a_key_whose_new_name_is_taken_is_not_renamed() -> None:
    text = FIXED.replace("steps", "batch_size = 4\nsteps")
    linted = jobs.lint(
        Source("job.toml", text), codes=["TTN501"], targets=targets.parse("0.2.2"), around=Around()
    )
    (finding,) = linted.findings
    assert finding.fix is None
    assert finding.help == "It is `training.local_batch_size` now"


def test_places_are_told_whatever_the_layout() -> None:
    text = (
        'a . "b c" = "x # y" # z\n[ t ]\nlist = [ # one\n  1,\n  2, # two\n]\n'
        "text = '''\n[no]\nkey = 1\n'''\ninline = { p = 1, q.r = 2 }\n"
    )
    document = toml.read(text)
    said = {
        entry.path: (
            [text[part.start : part.end] for part in entry.parts],
            text[entry.place.start : entry.place.end],
        )
        for entry in document.entries
    }
    assert said == {
        ("a", "b c"): (["a", '"b c"'], '"x # y"'),
        ("t", "list"): (["list"], "[ # one\n  1,\n  2, # two\n]"),
        ("t", "text"): (["text"], "'''\n[no]\nkey = 1\n'''"),
        ("t", "inline", "p"): (["inline"], "{ p = 1, q.r = 2 }"),
        ("t", "inline", "q", "r"): (["inline"], "{ p = 1, q.r = 2 }"),
    }
    assert [header.path for header in document.headers] == [("t",)]


@pytest.mark.parametrize(
    ("key", "since", "advice"),
    [
        ("enable_float8_linear", "2025-02-14 (torchtitan commit 57387af0e)", "Name the converter"),
        ("scaling_type_input", "2025-01-31 (torchtitan commit 2271b6386)", "Remove it"),
    ],
)
def test_a_key_that_went_before_its_section_was_renamed_did_not_go_with_it(
    key: str, since: str, advice: str
) -> None:
    text = f'[model]\nflavor = "8B"\n\n[training]\nsteps = 1\n\n[float8]\n{key} = true\n'
    linted = jobs.lint(
        Source("job.toml", text),
        codes=["TTN501"],
        targets=targets.parse("0.2.2"),
        around=Around(),
    )
    (finding,) = [f for f in linted.findings if f.message.startswith("the key")]
    assert finding.notes == (f"since {since}",)
    assert finding.help.startswith(advice)
    assert finding.fix is None


def test_a_section_does_not_tell_of_a_key_that_it_never_had() -> None:
    text = '[model]\nflavor = "8B"\n\n[training]\nsteps = 1\n\n[float8]\nenable_linear8 = true\n'
    assert not [span for span in found(text, "0.2.2") if "enable_linear8" in span]
