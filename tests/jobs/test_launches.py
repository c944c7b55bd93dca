"""Which commands start torchtitan's training, where their words stand, and what becomes of their options."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from titan_lint import read_file
from titan_lint.api import targets
from titan_lint.check import jobs
from titan_lint.code import commands, launch_files
from titan_lint.code.commands import in_shell
from titan_lint.code.screen import may_be_job
from titan_lint.code.source import Source
from titan_lint.rules import ttn504_unknown_option as ttn504
from titan_lint.run import discover
from titan_lint.uses.launches import launches_of
from titan_lint.uses.options import Around

if TYPE_CHECKING:
    from pathlib import Path

    from tests.projects import TitanLint

LINE = "torchrun -m torchtitan.train --training.seed 1"
FIXED = LINE.replace("training.seed", "debug.seed")


def found(
    text: str, version: str = "0.3.0", *, path: str = "a.sh", around: Around | None = None
) -> list[str]:
    linted = jobs.lint(
        Source(path, text),
        codes=["TTN504"],
        targets=targets.parse(version),
        around=around or Around(),
    )
    assert not linted.failures
    return [text[f.span.start : f.span.end] for f in linted.findings]


def fixed(text: str, version: str = "0.3.0", *, path: str = "a.sh", unsafe: bool = False) -> str:
    return jobs.fix(
        Source(path, text),
        codes=["TTN504"],
        targets=targets.parse(version),
        around=Around(),
        unsafe=unsafe,
    ).source.text


def words(text: str) -> list[list[tuple[str, bool, str]]]:
    return [
        [(w.text, w.whole, text[w.start : w.start + w.exact]) for w in command.words]
        for command in in_shell(text)
    ]


@pytest.mark.parametrize(
    ("text", "text_of", "whole", "exact"),
    [
        ("word", "word", True, "word"),
        ("'a b'", "a b", True, "a b"),
        ('"a b"', "a b", True, "a b"),
        ("a\\ b", "a b", True, "a"),
        ('"a\\"b"', 'a"b', True, "a"),
        ('--x="a b"', "--x=a b", True, "--x="),
        ("--x=$Y", "--x=", False, "--x="),
        ('"--x=$Y"', "--x=", False, "--x="),
        ("--x=$(y)/z", "--x=", False, "--x="),
        ("$Y", "", False, ""),
        ('"$@"', "", False, ""),
        ('"é"', "é", True, "é"),
    ],
)
def test_a_word_is_known_up_to_what_is_put_together_when_it_runs(
    text: str, text_of: str, whole: bool, exact: str
) -> None:
    said = words(f"é {text} end > é.log\n")[0]
    assert said == [("é", True, "é"), (text_of, whole, exact), ("end", True, "end")]


def test_commands_are_found_wherever_shell_has_them() -> None:
    text = "if a; then\n  X=1 b 1 && c | d\nfi\nf() { e; }\necho $(g) &\nbash -c 'h i'\n"
    names = [command[0][0] for command in words(text)]
    assert names == ["a", "b", "c", "d", "e", "echo", "g", "bash", "h"]


def test_a_variable_with_one_value_stands_for_it() -> None:
    text = 'A=${A:-"x.y"}\nB=z\nC=1\nC=2\nD="a b"\nfor E in 1 2; do\nrun $A "${B}" $C $D $E\ndone\n'
    (said,) = words(text)
    assert [word for word, *_ in said] == ["run", "x.y", "z", "", "", ""]


@pytest.mark.parametrize(
    "command",
    [
        "python -m torchtitan.train",
        "/usr/bin/python3.11 -u -m torchtitan.train",
        "FOO=1 srun torchrun --nproc_per_node=8 --tee 3 -m torchtitan.train",
        "python -m torch.distributed.run --nproc_per_node 8 -m torchtitan.train",
        "$PYTHON -m torchtitan.train",
        "torchrun --nproc_per_node $N torchtitan/train.py",
        "python /opt/torchtitan/torchtitan/train.py",
        "./run_train.sh",
        "NGPU=4 CONFIG_FILE=x bash torchtitan/run_train.sh",
        "TRAIN=torchtitan.train; torchrun -m $TRAIN",
    ],
)
def test_a_command_that_starts_torchtitans_training_is_known(command: str) -> None:
    assert found(f"# torchtitan\n{command} --training.seed 1\n") == ["--training.seed"]


@pytest.mark.parametrize(
    "command",
    [
        "python -m mine.train --model torchtitan",
        "python other.py -m torchtitan.train",
        "python -m mine -m torchtitan.train",
        "python other.py torchtitan/train.py",
        "black torchtitan/train.py",
        "mypy -m torchtitan.train",
        "echo ./run_train.sh",
        "./my_run_train.sh",
        "python -m torchtitan.trainer",
        "torchrun -m $TRAIN_FILE",
        "torchrun --training.seed 1 -m torchtitan.train; python x",
    ],
)
def test_nothing_is_said_of_other_commands(command: str) -> None:
    assert found(f"# torchtitan\n{command} --training.seed 1\n") == []


def test_a_script_of_that_name_is_torchtitans_where_the_file_says_so() -> None:
    line = "./run_train.sh --training.seed 1 {}\n"
    assert found(line.format("--training.steps 3")) == []
    assert found(line.format("--training.local_batch_size 3")) == ["--training.seed"]
    assert found("# torchtitan's\n" + line.format("")) == ["--training.seed"]


@pytest.mark.parametrize(
    "line",
    [
        "$FLAGS",
        '"$@"',
        "--training.$KEY 1",
        "$SECTION.seed",
        "--training.mine 1",
        "--mine",
        "--training.steps 1 -- --training.seed",
        "'--training.seed 1'",
    ],
)
def test_nothing_is_said_of_what_is_not_known(line: str) -> None:
    assert found(f"torchrun -m torchtitan.train {line}\n") == []


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("--training.seed 1", "--debug.seed 1"),
        ("--training.seed=$SEED", "--debug.seed=$SEED"),
        ('"--training.seed=1"', '"--debug.seed=1"'),
        ("'--training.seed' 1", "'--debug.seed' 1"),
        ("--training.no-compile", "--compile.no-enable"),
        ("--training.no_compile", "--compile.no_enable"),
        ("--profiling.enable-profiling", "--profiler.enable-profiling"),
        ("--profiling.enable_profiling", "--profiler.enable_profiling"),
        ("--job.dump_folder x", "--dump_folder x"),
        # The new one is there already.
        ("--training.seed 1 --debug.seed 2", "--training.seed 1 --debug.seed 2"),
        # Not every job takes the new one.
        ("--training.dataloader.num_workers 1", "--training.dataloader.num_workers 1"),
        # It is written with a backslash.
        ("--training.se\\ed 1", "--training.se\\ed 1"),
    ],
)
def test_an_option_gets_its_new_name_and_the_line_its_layout(line: str, after: str) -> None:
    text = "torchrun  -m torchtitan.train \\\n    {} \\\n  --training.steps 1 # noted\n"
    assert found(text.format(line))
    assert fixed(text.format(line)) == text.format(after)


def test_a_value_that_may_mean_something_else_makes_the_fix_unsafe() -> None:
    line = "torchrun -m torchtitan.train --mx.recipe_name x"
    assert fixed(line, "0.2.2") == line
    after = fixed(line, "0.2.2", unsafe=True)
    assert after == line.replace("mx.", "quantize.linear.mx.")


ASYNC = "torchrun -m torchtitan.train --module llama3 --config llama3_8b {}"


@pytest.mark.parametrize(
    "beside",
    ["--compile.enable", "--compile.enable --compile.components model", "--compile.enable=True"],
)
def test_an_option_that_needs_others_gets_its_new_name_beside_them(beside: str) -> None:
    line = ASYNC.format(f"{beside} --parallelism.enable_async_tensor_parallel\n")
    after = ASYNC.format(f"{beside} --compile.enable_async_tensor_parallel\n")
    assert fixed(line) == after


@pytest.mark.parametrize(
    "beside",
    [
        "--debug.seed 1",
        "--compile.no_enable",
        "--compile.enable=False",
        "--compile.enable --compile.components loss",
        "--compile.components model",
    ],
)
def test_an_option_that_needs_others_gets_its_new_name_only_when_asked(beside: str) -> None:
    line = ASYNC.format(f"{beside} --parallelism.enable_async_tensor_parallel\n")
    assert fixed(line) == line
    after = ASYNC.format(f"{beside} --compile.enable_async_tensor_parallel\n")
    assert fixed(line, unsafe=True) == after


def test_an_option_that_is_turned_off_needs_no_others() -> None:
    line = ASYNC.format("--parallelism.no_enable_async_tensor_parallel\n")
    assert fixed(line) == ASYNC.format("--compile.no_enable_async_tensor_parallel\n")


def test_findings_name_what_the_rule_says_its_fixes_rest_on() -> None:
    lines = {
        "0.2.2": "torchrun -m torchtitan.train --mx.recipe_name x --training.seed 1",
        "0.3.0": ASYNC.format("--parallelism.enable_async_tensor_parallel"),
    }
    named = {
        obligation
        for version, line in lines.items()
        for finding in jobs.lint(
            Source("a.sh", line),
            codes=["TTN504"],
            targets=targets.parse(version),
            around=Around(),
        ).findings
        if finding.fix is not None
        for obligation in finding.fix.because
    }
    assert named == set(ttn504.UnknownOption.rests_on)


def said(text: str, version: str) -> list[tuple[str, tuple[str, ...], str]]:
    linted = jobs.lint(
        Source("a.sh", text), codes=["TTN504"], targets=targets.parse(version), around=Around()
    )
    return [(f.message, f.notes, f.help) for f in linted.findings]


@pytest.mark.parametrize(
    ("option", "version", "expected"),
    [
        (
            "--job.config_file x",
            "0.3.0",
            (
                "the option `--job.config_file` is gone at torchtitan 0.3.0",
                (
                    "since 2026-02-23 (torchtitan commit 9810191bb)",
                    "`--module` and `--config` name the job",
                ),
                "Say it in the function that `--config` names, or remove it",
            ),
        ),
        (
            "--training.dataloader.num_workers 1",
            "0.3.0",
            (
                "the option `--training.dataloader.num_workers` is gone at torchtitan 0.3.0",
                ("since 2026-02-23 (torchtitan commit 9810191bb)",),
                "It is `--dataloader.num_workers` now",
            ),
        ),
        (
            "--module llama3",
            "0.2.2",
            (
                "the option `--module` is not there yet at torchtitan 0.2.2",
                ("the first known here that has it is torchtitan main of 2026-02-23 (9810191bb)",),
                "",
            ),
        ),
        (
            "--debug.seed 1",
            "0.2.0",
            (
                "the option `--debug.seed` is not there yet at torchtitan 0.2.0",
                ("the first known here that has it is torchtitan main of 2025-11-21 (f8fa21e1d)",),
                "",
            ),
        ),
        (
            "--optimizer.lr 1",
            "0.3.0",
            (
                "the option `--optimizer.lr` is gone at torchtitan 0.3.0",
                (
                    "it was last in torchtitan main of 2026-05-08 (74181b1e8)",
                    "gone since 2026-06-04 (torchtitan commit 632f67f12)",
                ),
                "Say it in the function that `--config` names, or remove it",
            ),
        ),
    ],
)
def test_a_finding_says_since_when_and_what_it_became(
    option: str, version: str, expected: tuple[str, tuple[str, ...], str]
) -> None:
    assert said(f"torchrun -m torchtitan.train {option}", version) == [expected]


def test_a_project_with_a_config_of_its_own_may_have_more_options() -> None:
    assert found(LINE, "0.2.2") == ["--training.seed"]
    assert found(LINE, "0.2.2", around=Around(extends=True)) == []
    assert found(LINE, "0.2.2", around=Around(configures=True)) == ["--training.seed"]
    assert found(LINE, around=Around(extends=True)) == ["--training.seed"]
    assert found(LINE, around=Around(configures=True)) == []


def test_a_script_alone_hears_of_the_config_that_its_project_has(
    tmp_path: Path, titan_lint: TitanLint
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "run.sh").write_text(LINE)
    asked = ("--torchtitan", "0.3.0", "--cache-dir", tmp_path / "cache", tmp_path / "run.sh")
    assert titan_lint(*asked).status == 1
    config = tmp_path / "mine" / "config.py"
    config.parent.mkdir()
    config.write_text("class Config(Trainer.Config):\n    pass\n")
    assert titan_lint(*asked).status == 0
    assert titan_lint(*asked[:-1], tmp_path).status == 0


@pytest.mark.parametrize(
    ("module", "says"),
    [("mine.config", 0), ("$M", 0), ("torchtitan.experiments.vlm.job_config", 1)],
)
def test_a_module_for_more_keys_may_have_an_option(module: str, says: int) -> None:
    assert len(found(f"{LINE} --job.custom_config_module={module}", "0.2.2")) == says


FILES = {
    "Makefile": "train: x\n\t@{} \\\n\t  $(MORE)\nother := --training.seed\n",
    "a/Dockerfile": "FROM torchtitan\nRUN --mount=type=cache,target=/x pip install x && \\\n    {}\n",
    "b/Dockerfile": 'FROM x\nCMD ["torchrun", "-m", "torchtitan.train", "--training.seed", "1"]\n',
    "a.yaml": "run: |\n  set -e\n  {} --x ${{{{ matrix.x }}}}\n",
    "b.yaml": 'run: "{}"\n',
    "c.yaml": "run: >\n  torchrun -m torchtitan.train\n  --training.seed 1\n",
    "d.yaml": "run: torchrun -m torchtitan.train\n  --training.seed 1\n",
    "e.yml": 'command: ["torchrun", "-m", torchtitan.train, "--training.seed", "1"]\n',
    "f.yaml": "args:\n  - torchrun\n  - -m\n  - torchtitan.train\n  - --training.seed=1\n",
    "g.yaml": 'command: [bash, -c, "{}"]\n',
    "a.slurm": "#!/bin/bash\n#SBATCH -N 4\nsrun {}\n",
    "launch.json": '{{\n\t// x\n\t"a": [{{"module": "torchtitan.train", "args": ["--training.seed", "1"]}},]\n}}\n',
    "b/launch.json": '{{"program": "${{workspaceFolder}}/torchtitan/train.py", "args": ["--training.seed"]}}',
    "tasks.json": '{{"tasks": [{{"command": "{}"}}]}}\n',
}


@pytest.mark.parametrize("path", FILES)
def test_commands_are_read_from_files_that_hold_some_among_other_things(path: str) -> None:
    text = FILES[path].format(LINE) if "CMD" not in FILES[path] else FILES[path]
    (span,) = found(text, path=path)
    assert "--training.seed" in span
    before, _, after = text.partition("training.seed")
    assert fixed(text, path=path) == f"{before}debug.seed{after}"


@pytest.mark.parametrize("before", ["", "# é\U0001f600\n", "\ufeff", "# x\n\ufeff"])
@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(("yaml", "yml"))])
def test_yaml_holds_the_same_commands_with_and_without_libyaml(
    path: str, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import yaml

    if not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without LibYAML here")
    source = Source(path, before + FILES[path].format(LINE))
    with_it = list(launch_files.commands(source))
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert list(launch_files.commands(source)) == with_it
    assert with_it or "\n\ufeff" in before


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", f"run: {{{{ x }}}}: [\n{LINE}\n"),
        ("a.yaml", f'run: "{LINE} \\" "\n'),
        ("a.yaml", "run: [torchrun, -m, torchtitan.train, {a: b}, --training.seed]\n"),
        ("Dockerfile", f"FROM x\nENV X={LINE}\n"),
        ("Makefile", f"X := {LINE}\n"),
        ("launch.json", '{"module": "torchtitan.train", "args": "--training.seed"}'),
        ("a.sh", f"cat <<EOF\n{LINE}\nEOF\n"),
    ],
)
def test_nothing_is_said_where_a_file_does_not_certainly_hold_the_command(
    path: str, text: str
) -> None:
    assert launches_of(Source(path, text)) == ()


def test_a_launch_script_is_found_in_a_directory_by_what_is_in_it(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "go.sh").write_text(LINE)
    (project / "other.sh").write_text("python -m mine.train --training.seed 1")
    assert may_be_job("go.sh", LINE.encode())
    ran = titan_lint("--select", "TTN5", "--torchtitan", "0.3.0", "--output-format", "json")
    assert ran.status == 1
    rows = json.loads(ran.out)["findings"]
    assert [(row["code"], row["path"].rpartition("/")[2]) for row in rows] == [("TTN504", "go.sh")]
    assert titan_lint("--show-files").out.split() == ["go.sh"]


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        "run_train.sh --training.seed 1",
        "./torchtitan/run_train.sh",
        "python -u torchtitan/train.py --training.seed 1",
        'python "-m" torchtitan.train',
        "NAME=torchtitan\npython -m $NAME.train",
        "python \\\n  -m \\\n  torchtitan.train",
        'command: ["python", "-m", "torchtitan.train"]',
        "args:\n- -m\n- torchtitan.train",
        '{"module": "torchtitan.train", "args": []}',
    ],
)
def test_what_may_start_a_training_is_looked_at(text: str) -> None:
    assert may_be_job("a.sh", text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "python -m mine.train",
        "engine: torchtitan  # as in train.yaml\nloss_agg_mode: token-mean\n",
        "pip install torchtitan",
    ],
)
def test_what_just_names_torchtitan_is_not_read_as_a_script(text: str) -> None:
    assert not may_be_job("a.yaml", text.encode())


def test_a_config_of_the_projects_own_is_looked_for(project: Path, titan_lint: TitanLint) -> None:
    (project / "go.sh").write_text(LINE)
    options = ("--select", "TTN5", "--torchtitan", "0.3.0")
    assert titan_lint(*options).status == 1
    (project / "own.py").write_text("class Own(Trainer):\n    class Config(Trainer.Config): ...\n")
    assert titan_lint(*options).status == 0


def test_a_launch_script_is_fixed_remembered_and_suppressed(
    project: Path, titan_lint: TitanLint
) -> None:
    path = project / "go.sh"
    path.write_text(f"{LINE}\n")
    options = ("--select", "TTN5,TTN901", "--torchtitan", "0.3.0")
    assert titan_lint(*options).out == titan_lint(*options).out
    assert titan_lint(*options, "--add-noqa").status == 0
    assert path.read_text() == f"{LINE}  # noqa: TTN504\n"
    assert titan_lint(*options).status == 0
    path.write_text(f"{FIXED}  # noqa: TTN504\n")
    assert "TTN901" in titan_lint(*options).out
    ran = titan_lint(
        *options, "--fix", "-", "--stdin-filename", "go.sh", stdin=f"{LINE}\r\n".encode()
    )
    assert ran.out == f"{FIXED}\r\n"


@pytest.mark.parametrize("path", ["launch.json", "b/Dockerfile"])
def test_no_comment_is_added_where_none_may_stand(
    path: str, project: Path, titan_lint: TitanLint
) -> None:
    file = project / path
    file.parent.mkdir(exist_ok=True)
    text = FILES[path] if "CMD" in FILES[path] else FILES[path].format()
    file.write_text(text)
    ran = titan_lint("--select", "TTN5", "--torchtitan", "0.3.0", "--add-noqa", path)
    assert "no comment can be added here" in ran.err
    assert file.read_text() == text


def test_a_run_without_what_reads_shell_says_what_it_did_not_look_at(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "go.sh").write_text(LINE)
    for module in (commands, launch_files):
        monkeypatch.setattr(module, "can_read_shell", lambda: False)
    options = ("--select", "TTN5", "--torchtitan", "0.3.0")
    ran = titan_lint(*options)
    assert ran.status == 0
    assert "1 file with commands not looked at: `pip install titan-lint[shell]`" in ran.err
    assert "not looked at" not in titan_lint(*options, "--ignore", "TTN504").err
    assert found(LINE) == []


@pytest.mark.parametrize(
    ("command", "version", "said"),
    [
        ("--module llama3 --training.stepss 5", "0.3.0", "training.steps"),
        ("--module torchtitan.models.llama3 --trainning.steps 5", "0.3.0", "training.steps"),
        ("--module llama3 --no-such 5", "0.3.0", None),
        ("--module llama3 --training.seq_lens 5", "0.3.0", "training.seq_len"),
        # Those of others may take it.
        ("--module mine.llama3 --training.seq_lens 5", "0.3.0", None),
        ('--module "$MODULE" --training.seq_lens 5', "0.3.0", None),
        ("--training.seq_lens 5", "0.3.0", None),
        ("--job.config_file mine.toml --training.seq_lens 5", "0.2.2", None),
        (
            "--job.config_file ./torchtitan/models/llama3/train_configs/llama3_8b.toml --training.seq_lens 5",
            "0.2.2",
            "training.seq_len",
        ),
    ],
)
def test_a_misspelt_option_of_one_of_torchtitans_own_jobs_is_found(
    command: str, version: str, said: str | None
) -> None:
    linted = jobs.lint(
        Source("a.sh", f"torchrun -m torchtitan.train {command}"),
        codes=["TTN504"],
        targets=targets.parse(version),
        around=Around(),
    )
    about = [finding for finding in linted.findings if "is not known" in finding.message]
    assert [finding.help for finding in about] == ([f"Is `--{said}` meant?"] if said else [])
    assert all(finding.fix is None for finding in about)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile.cuda", f"FROM x\nRUN {LINE}\n"),
        ("Containerfile.dev", f"FROM x\nRUN {LINE}\n"),
        ("my.code-workspace", json.dumps({"tasks": {"tasks": [{"command": LINE}]}})),
        ("package.json", json.dumps({"scripts": {"train": LINE}})),
        ("devcontainer.json", json.dumps({"postStartCommand": LINE})),
    ],
)
def test_more_files_that_hold_commands_are_looked_at(
    name: str, text: str, project: Path, titan_lint: TitanLint
) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (project / name).write_text(text)
    ran = titan_lint("--torchtitan", "0.3.0", "--select", "TTN504", "--fix", ".")
    assert (project / name).read_text() == text.replace("training.seed", "debug.seed"), ran.out


TOML = "torchtitan/models/llama3/train_configs/llama3_8b.toml"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"CONFIG_FILE={TOML} ./run_train.sh", [f"CONFIG_FILE={TOML}"]),
        (f'NGPU=8 CONFIG_FILE="./{TOML}" bash run_train.sh', [f'CONFIG_FILE="./{TOML}"']),
        (f"export CONFIG_FILE={TOML}\nif x; then ./run_train.sh; fi", [f"CONFIG_FILE={TOML}"]),
        (
            f"export CONFIG_FILE=${{CONFIG_FILE:-{TOML}}}\n./run_train.sh",
            [f"CONFIG_FILE=${{CONFIG_FILE:-{TOML}}}"],
        ),
        (
            f"TRAIN_FILE=torchtitan.experiments.x CONFIG_FILE={TOML} ./run_train.sh",
            ["TRAIN_FILE=torchtitan.experiments.x", f"CONFIG_FILE={TOML}"],
        ),
        # It may be for what is named otherwise, too.
        (f"CONFIG_FILE={TOML} MODULE=llama3 CONFIG=llama3_8b ./run_train.sh", []),
        (f"CONFIG_FILE={TOML} ./run_train.sh --module llama3 --config llama3_8b", []),
        (f"export CONFIG_FILE={TOML}\n./run_train.sh\n./mine $CONFIG_FILE", []),
        (f"CONFIG_FILE={TOML}\n./run_train.sh", []),
        (f"CONFIG_FILE={TOML} torchrun -m torchtitan.train", []),
        ("CONFIG_FILE=$1 ./run_train.sh  # torchtitan", []),
        ("CONFIG_FILE=mine.yaml ./run_train.sh  # torchtitan", []),
        ("CONFIG_FILE=mine.toml ./run_train.sh", []),
        (f"./run_train.sh\nexport CONFIG_FILE={TOML}", []),
    ],
)
def test_a_variable_that_named_the_job_is_found_where_the_script_reads_it_no_more(
    text: str, says: list[str]
) -> None:
    assert found(text) == says
    assert not [each for each in found(text, "0.2.2") if "_FILE" in each]
    assert found(text, around=Around(launches=True)) == []


@pytest.mark.parametrize(
    ("line", "after"),
    [
        (f"CONFIG_FILE={TOML} ./run_train.sh", "MODULE=llama3 CONFIG=llama3_8b ./run_train.sh"),
        (
            f'export CONFIG_FILE="./{TOML}"\n./run_train.sh',
            "export MODULE=llama3 CONFIG=llama3_8b\n./run_train.sh",
        ),
        (
            f"torchrun -m torchtitan.train --job.config_file {TOML} --training.steps 1",
            "torchrun -m torchtitan.train --module llama3 --config llama3_8b --training.steps 1",
        ),
        (
            f"torchrun -m torchtitan.train --job.config_file='{TOML}'",
            "torchrun -m torchtitan.train --module llama3 --config llama3_8b",
        ),
        (
            "./run_train.sh --job.config-file ./torchtitan/models/flux/train_configs/flux_dev_model.toml",
            "./run_train.sh --module flux --config flux_dev",
        ),
        # Of a job of one's own, or of one that is gone, nothing is known.
        ("torchrun -m torchtitan.train --job.config_file mine/llama3_8b.toml", None),
        (f"torchrun -m torchtitan.train --job.config_file {TOML.replace('8b', '9b')}", None),
        (f"torchrun -m torchtitan.train --job.config_file {TOML} --config llama3_8b", None),
        (f"torchrun -m torchtitan.train --job.config_file {TOML}$X", None),
    ],
)
def test_a_job_of_torchtitans_own_is_named_by_its_function(line: str, after: str | None) -> None:
    assert fixed(line) == line
    assert fixed(line, unsafe=True) == (after or line)
    assert fixed(line, "0.2.2", unsafe=True) == line


def test_a_script_of_that_name_in_the_project_may_read_the_variable(
    project: Path, titan_lint: TitanLint
) -> None:
    (project / "go.sh").write_text(f"CONFIG_FILE={TOML} scripts/run_train.sh\n")
    options = ("--select", "TTN504", "--torchtitan", "0.3.0", "go.sh")
    assert "does not read `CONFIG_FILE`" in titan_lint(*options).out
    (project / "scripts").mkdir()
    (project / "scripts" / "run_train.sh").write_text("python mine.py --config $CONFIG_FILE\n")
    assert titan_lint(*options).status == 0
    assert titan_lint(*options, "--no-cache").status == 0


ARGUMENTS = ["torchrun", "-m", "torchtitan.train", "--training.seed", "1"]


@pytest.mark.parametrize(
    "held",
    [
        {"command": LINE},
        {"containers": [{"name": "x", "command": ARGUMENTS}]},
        {"entrypoint": f"cd x && {LINE}"},
        {"job": {"setup-commands": ["pip install x", LINE]}},
        {"scripts": {"train": LINE, "test": "pytest"}},
        {"containerEntrypoint": ["bash", "-c"], "container_args": [LINE]},
    ],
)
def test_json_of_any_name_is_looked_at_where_its_key_says_that_it_is_run(
    held: object, project: Path, titan_lint: TitanLint
) -> None:
    text = json.dumps(held)
    (project / "cluster.json").write_text(text)
    ran = titan_lint("--torchtitan", "0.3.0", "--select", "TTN504", "--fix", ".")
    changed = (project / "cluster.json").read_text()
    assert changed == text.replace("training.seed", "debug.seed"), ran.out


@pytest.mark.parametrize(
    "held",
    [
        {"instruction": f"Start it with {LINE}", "output": LINE},
        [{"role": "user", "content": LINE}],
        {"command": f"To start, run {LINE}"},
        # What an experiment tracker recorded of a run that is over.
        {"program": "/home/x/torchtitan/train.py", "args": ["--training.seed", "1"]},
        {"argv": ARGUMENTS},
        {"truncated": LINE, "headline": LINE},
        ARGUMENTS,
        {"command": f"`{LINE}`"},
    ],
)
def test_json_that_only_tells_of_a_command_is_left_alone(held: object) -> None:
    assert found(json.dumps(held), path="data.json") == []


def test_json_that_is_large_or_one_of_many_is_data_and_not_read(
    project: Path, titan_lint: TitanLint, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = json.dumps({"command": LINE})
    (project / "large.json").write_text(held + " " * discover.LARGE_JSON)
    many = project / "many"
    many.mkdir()
    for number in range(discover.MANY_JSON + 1):
        (many / f"{number}.json").write_text(held)
    read: list[str] = []

    def noted(path: str) -> bytes:
        read.append(path)
        return read_file.read(path)

    monkeypatch.setattr(discover, "read", noted)
    assert titan_lint("--torchtitan", "0.3.0", "--select", "TTN504", ".").status == 0
    assert not [path for path in read if path.endswith(".json")]


def test_a_page_about_a_dockerfile_holds_no_commands(project: Path, titan_lint: TitanLint) -> None:
    (project / "Dockerfile.md").write_text(f"RUN {LINE}\n")
    ran = titan_lint("--torchtitan", "0.3.0", "--select", "TTN504", ".")
    assert ran.out.startswith("All checks passed!")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('torchrun -m torchtitan.train --job.config_file $CONFIG "$@"\n', 1),
        ("T=${T:-torchtitan.train}\ntorchrun -m ${T} $*\n", 1),
        ('overrides=""\nif [ $# -ne 0 ]; then\n  overrides="$*"\nfi\n'
         "torchrun -m torchtitan.train $overrides\n", 1),
        ('echo "$@"\nif x; then python -m torchtitan.train "$@"\nelse torchrun -m torchtitan.train "$@"; fi\n', 1),
        # It takes others, or none.
        ('python -m mine.train "$@"\n', 0),
        ('torchrun "$@" -m torchtitan.train\n', 0),
        ('while [ $# -gt 0 ]; do case $1 in --training.seed) S=$2; shift 2;; esac; done\n'
         'torchrun -m torchtitan.train "$@"\n', 0),
        ('torchrun -m torchtitan.train --module "$1" "${@:2}"\n', 0),
        ("torchrun -m torchtitan.train --job.config_file x.toml\n", 0),
        ('./other/run_train.sh "$@"\n', 0),
        ('prepare "$@"\ntorchrun -m torchtitan.train "$@"\n', 0),
        ("", 0),
    ],
)  # fmt: skip
def test_options_of_a_projects_own_script_are_held_against_torchtitans_where_it_hands_them_on(
    script: str, says: int, project: Path, titan_lint: TitanLint
) -> None:
    (project / "go.sh").write_text("# torchtitan\nscripts/run_train.sh --training.seed 1\n")
    (project / "go.py").write_text(
        "import subprocess\n\nimport torchtitan\n\nsubprocess.run(['./run_train.sh', '--training.seed', '1'])\n"
    )
    (project / "scripts").mkdir()
    (project / "scripts" / "my_run_train.sh").write_text("python mine.py $1\n")
    (project / "scripts" / "run_train.sh").write_text(script)
    options = ("--select", "TTN504", "--torchtitan", "0.3.0", "--output-format", "json")
    for asked in ((), ("go.sh", "go.py")):
        rows = json.loads(titan_lint(*options, *asked).out)["findings"]
        of = [row["path"].rpartition("/")[2] for row in rows]
        assert [name for name in of if name.startswith("go.")] == ["go.py", "go.sh"] * says


def test_a_script_that_is_told_to_start_another_training_may_take_other_options() -> None:
    line = f"CONFIG_FILE={TOML} TRAIN_FILE={{}} ./run_train.sh --training.seed 1"
    assert found(line.format("mine.train"), "0.2.2") == []
    assert found(line.format("$MINE"), "0.2.2") == []
    assert found(line.format('"torchtitan.train"'), "0.2.2") == ["--training.seed"]
    assert "--training.seed" in found(line.format("mine.train"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", f"description: {LINE}\n"),
        ("a.yaml", f"jobs:\n- name: {LINE}\n  run: ls\n"),
        ("a.yaml", f"on:\n  inputs:\n    x:\n      help: |\n        {LINE}\n"),
        ("a.yaml", f"? {LINE}\n: 1\n"),
        ("a.yaml", f"notes:\n- {LINE}\n- [torchrun, -m, torchtitan.train, --training.seed]\n"),
        ("a.yaml", f"args:\n  config:\n    help: {LINE}\n    description: {LINE}\n"),
        ("a.yaml", f"scripts:\n  train:\n    name: {LINE}\n"),
        ("a.yaml", f'command: [echo, "{LINE}"]\n'),
        ("a.yaml", f'run: echo "{LINE}"\n'),
        ("a.yaml", f"run: |\n  # {LINE}\n  ls\n"),
        ("a.yaml", f"run: |\n  cat <<EOF\n  {LINE}\n  EOF\n"),
        ("launch.json", json.dumps({"configurations": [{"name": LINE}]})),
        ("tasks.json", json.dumps({"tasks": [{"label": LINE, "detail": LINE}]})),
        ("package.json", json.dumps({"description": LINE, "keywords": [LINE]})),
        ("Makefile", f"define HELP\n\t{LINE}\nendef\nhelp:\n\t@echo '{LINE}'\n"),
        ("Makefile", f"help:\n\t$(info {LINE})\n\t# {LINE}\n"),
        ("Dockerfile", f"FROM x\nCOPY <<EOF /help\nRUN {LINE}\nEOF\n# RUN {LINE}\n"),
        ("a.sh", f"# {LINE}\n"),
        ("a.sh", f": '\n{LINE}\n'\n"),
        ("a.sh", f"sudo echo {LINE}\n/bin/echo {LINE}\nlog {LINE}\nusage='{LINE}'\n"),
        ("a.sh", f'log() {{ echo "$@"; }}\nlog {LINE}\n'),
        ("a.sh", f"grep -c '{LINE}' run.log\necho -c '{LINE}'\npython -c '{LINE}'\n"),
        ("a.sh", f"python -c 'print(1)' {LINE}\n"),
        ("a.sh", f"cat > x.sh <<'EOF'\n{LINE} it's\nEOF\n"),
        ("a.sh", f"cat <<-EOF | tee x\n\t{LINE}\n\tEOF\n"),
        ("a.sh", f": <<'OLD'\n{LINE}\nOLD\n"),
    ],
)
def test_text_that_only_tells_of_a_command_is_none(path: str, text: str) -> None:
    assert found(text, path=path) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", f"setup: |\n  {LINE}\n"),
        ("a.yaml", f"script:\n- ls\n- {LINE}\n"),
        ("a.yaml", f"tasks:\n  train:\n    cmds:\n    - {LINE}\n"),
        ("a.yaml", f"- hosts: all\n  tasks:\n  - ansible.builtin.shell: {LINE}\n"),
        ("a.yaml", f"data:\n  train.sh: |\n    set -e\n    {LINE}\n"),
        ("a.yaml", f"env:\n  TRAIN_CMD: {LINE}\n"),
        ("a.sh", f"bash -euc '{LINE}'\n"),
        ("a.sh", f"docker run x bash -c '{LINE}'\n"),
        ("a.sh", f"srun -c 8 -n test {LINE}\n"),
        ("Makefile", f"a:\n\texit 0\nb:\n\t{LINE}\n"),
        ("Dockerfile", f"RUN exit 0\nRUN {LINE}\n"),
    ],
)
def test_what_is_run_is_read_wherever_it_stands(path: str, text: str) -> None:
    assert found(text, path=path) == ["--training.seed"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("if false; then\n  {}\nfi", 0),
        ("if false; then\n  ls\nelse\n  {}\nfi", 1),
        ("if true; then\n  ls\nelse\n  {}\nfi", 0),
        ("if ! false; then\n  {}\nfi", 1),
        ("if x; then\n  ls\nelif false; then\n  {}\nfi", 0),
        ("if x; then\n  ls\nelif :; then\n  ls\nelse\n  {}\nfi", 0),
        ("if [ 0 -eq 1 ]; then {}; fi", 0),
        ('if [[ "a" == "a" ]]; then {}; fi', 1),
        ("if (( 0 )); then {}; fi", 0),
        ("if [ $X = 1 ]; then {}; fi", 1),
        ("false && {}", 0),
        ("true || {}", 0),
        ("true && {}", 1),
        ("x || {}", 1),
        ("while false; do {}; done", 0),
        ("until true; do {}; done", 0),
        ("while true; do {}; done", 1),
        ("exit 0\n{}", 0),
        ("exit\n{}", 0),
        ("return 0\n{}", 0),
        ("x || exit 1\n{}", 1),
        ("exit &\n{}", 1),
        ("(exit 1)\n{}", 1),
        ("if x; then exit 0; fi\n{}", 1),
        ("if x; then exit 0; else exit 1; fi\n{}", 0),
        ("if x; then\n  exit 0\n  {}\nfi", 0),
        ("{{ ls; exit; }}\n{}", 0),
        ("f() {{ return 0; }}\n{}", 1),
        ("f() {{\n  return 0\n  {}\n}}", 0),
        ("case $1 in\n  a) exit 0;;\n  b) {};;\nesac", 1),
        ("exec > log\n{}", 1),
        ("exec 2>&1\n{}", 1),
        ("exec {}", 1),
        ("exec other\n{}", 0),
        ("for x in 1 2; do\n  continue\n  {}\ndone\n", 0),
        ("for x in 1 2; do\n  ls; break\ndone\n{}", 1),
        ("return 0 2>/dev/null || exit 0\n{}", 0),
    ],
)
def test_nothing_is_said_of_commands_that_are_not_reached(text: str, says: int) -> None:
    assert len(found(text.format(LINE) + "\n")) == says


@pytest.mark.parametrize("never", ["if: false", "if: ${{ false }}", "when: never", "when: false"])
def test_nothing_is_said_of_a_step_that_never_runs(never: str) -> None:
    assert found(f"steps:\n- {never}\n  run: {LINE}\n", path="a.yaml") == []
    assert len(found(f"steps:\n- {never}\n- if: x\n  run: {LINE}\n", path="a.yaml")) == 1


@pytest.mark.parametrize(
    ("option", "version", "said"),
    [
        ("float8.enable_float8_linear", "0.2.2", "since 2025-02-14 (torchtitan commit 57387af0e)"),
        ("float8.enable_float8_linear", "0.3.0", "since 2025-02-14 (torchtitan commit 57387af0e)"),
        ("float8.filter_fqns", "0.2.2", None),
        ("float8.never_was", "0.2.2", ""),
    ],
)
def test_an_option_that_went_before_its_section_was_renamed_did_not_go_with_it(
    option: str, version: str, said: str | None
) -> None:
    linted = jobs.lint(
        Source("a.sh", f"torchrun -m torchtitan.train --{option} x"),
        codes=["TTN504"],
        targets=targets.parse(version),
        around=Around(),
    )
    notes = [finding.notes for finding in linted.findings]
    if said == "":
        assert notes == []
    elif said is None:
        assert "5b5d46856" in notes[0][0]
    else:
        assert [note[0] for note in notes] == [said]
        assert all(finding.fix is None for finding in linted.findings)


OLD_ONE = "torchrun -m torchtitan.train --job.config_file a.toml --training.seed 1"
NEW_ONE = "torchrun -m torchtitan.train --module llama3 --config llama3_8b --debug.seed 1"
FOR_SOME_VERSIONS = {
    "case of its version": "case \"$(python -c 'import torchtitan; print(torchtitan.__version__)')\" in\n  0.2*) @OLD@ ;;\n  *) @NEW@ ;;\nesac",
    "an import that works": 'if python -c "import torchtitan.trainer" 2>/dev/null; then\n  @NEW@\nelse\n  @OLD@\nfi',
    "an import that fails": 'if ! python -c "import torchtitan.trainer"; then @OLD@; else @NEW@; fi',
    "a variable that holds it": 'TT_VERSION=$(python -c "import torchtitan; print(torchtitan.__version__)")\nif [[ $TT_VERSION == 0.2* ]]; then\n  @OLD@\nelse\n  @NEW@\nfi',
    "a variable that tells it by its name": 'if [[ "$TT_VERSION" == 0.2* ]]; then\n  @OLD@\nfi',
    "what pip shows": 'if pip show torchtitan | grep -q "Version: 0.2"; then @OLD@; else @NEW@; fi',
    "a part of it in arithmetic": "v=$(pip show torchtitan | awk '/^Version/ {print $2}')\nminor=$(echo \"$v\" | cut -d. -f2)\nif (( minor < 3 )); then @OLD@; else @NEW@; fi",
    "a part of it": 'v=$(pip show torchtitan | awk \'/^Version/ {print $2}\')\nminor=$(echo "$v" | cut -d. -f2)\nif [ "$minor" -lt 3 ]; then @OLD@; else @NEW@; fi',
    "and, or": 'python -c "import torchtitan.trainer" && @NEW@ || @OLD@',
    "or": 'python -c "import torchtitan.trainer" || @OLD@',
    "a test and": "[[ $(pip show torchtitan | grep Version) == *0.2* ]] && @OLD@",
    "a function that asks": 'is_old() { python -c "from torchtitan.config import JobConfig" 2>/dev/null; }\nif is_old; then @OLD@; else @NEW@; fi',
    "behind one that leaves": 'if python -c "import torchtitan.trainer" 2>/dev/null; then\n  @NEW@\n  exit 0\nfi\n@OLD@',
    "behind one that goes on as another": 'if python -c "import torchtitan.trainer" 2>/dev/null; then\n  exec @NEW@\nfi\n@OLD@',
    "behind or exit": 'python -c "from torchtitan.config import JobConfig" || exit 1\n@OLD@',
    "an order of versions": 'v=$(python -c \'import importlib.metadata as m; print(m.version("torchtitan"))\')\nif [ "$(printf \'%s\\n\' 0.3.0 "$v" | sort -V | head -n1)" != "0.3.0" ]; then @OLD@; fi',
    "elif": 'if [ -n "$X" ]; then echo x\nelif python -c "import torchtitan.trainer"; then @NEW@\nelse @OLD@\nfi',
    "a program that comes with it": "if python - <<'PY'\nimport sys, torchtitan.trainer\nPY\nthen @NEW@\nelse @OLD@\nfi",
    "a file that it has": "if [ -f torchtitan/models/llama3/train_configs/debug_model.toml ]; then @OLD@; else @NEW@; fi",
    "a version that is given": 'case "${1:-0.2.2}" in 0.2*) @OLD@;; *) @NEW@;; esac',
    "a variable of that name": 'VERSION=$1\ncase "$VERSION" in 0.2*) @OLD@;; *) @NEW@;; esac',
    "an option that is added then": "SEED=--debug.seed=1\nif [[ $TT_VERSION == 0.2* ]]; then EXTRA=--training.seed=1; fi\ntorchrun -m torchtitan.train --module llama3 --config llama3_8b $EXTRA",
    "an option that is added in a case": "case $TT_VERSION in 0.2*) EXTRA=--training.seed=1;; esac\ntorchrun -m torchtitan.train --module llama3 --config llama3_8b ${EXTRA}",
    "while": 'while python -c "import torchtitan.config.job_config"; do @OLD@; done',
    "a status": 'python -c "import torchtitan.trainer"\nif [ $? -ne 0 ]; then @OLD@; fi',
    "what uv shows": 'if uv pip show torchtitan | grep -q "^Version: 0\\.2"; then @OLD@; fi',
    "what is pinned": 'if grep -q "torchtitan==0.2" requirements.txt; then @OLD@; fi',
    "the command test": "if test \"$(python -c 'import torchtitan as t; print(t.__version__)')\" = 0.2.2; then @OLD@; fi",
    "a flag that is set then": 'OLD=0\npython -c "import torchtitan.trainer" || OLD=1\nif [ $OLD = 1 ]; then @OLD@; fi',
    "a flag that says it": 'if python -c "import torchtitan.trainer"; then NEW=1; else NEW=0; fi\nif [ "$NEW" = 0 ]; then @OLD@; fi',
    "a function that is called then": 'run_old() {\n  @OLD@\n}\nrun_new() {\n  @NEW@\n}\nif python -c "import torchtitan.trainer"; then run_new; else run_old; fi',
    "a tag of its clone": 'if [ "$(git -C torchtitan describe --tags)" = v0.2.2 ]; then @OLD@; fi',
}
FOR_ALL_VERSIONS = {
    "nothing": "@OLD@",
    "whether a version is given": 'if [ -z "$VERSION" ]; then echo usage; exit 1; fi\n@OLD@',
    "or exit without one": '[[ -n "$TT_VERSION" ]] || exit 1\n@OLD@',
    "and exit without one": 'test -z "$TT_VERSION" && exit 1\n@OLD@',
    "whether it is installed": 'if ! python -c "import torchtitan" 2>/dev/null; then echo install; exit 1; fi\n@OLD@',
    "whether pip has it": "if ! pip show torchtitan >/dev/null; then pip install torchtitan; fi\n@OLD@",
    "behind cd": "cd torchtitan && @OLD@",
    "behind its installation": "pip install torchtitan==0.3.0 && @OLD@",
    "behind its clone": "git clone https://github.com/pytorch/torchtitan && cd torchtitan && @OLD@",
    "whether its folder is there": "if [ -d torchtitan ]; then cd torchtitan; fi\n@OLD@",
    "another variable": 'if [ -n "$DEBUG" ]; then @OLD@; fi',
    "behind the end": "if [[ $TT_VERSION == 0.2* ]]; then echo old; fi\n@OLD@",
    "behind what shows it": 'python -c "import torchtitan; print(torchtitan.__version__)"\n@OLD@',
    "another version": "if [[ $CUDA_VERSION == 12.* ]]; then @OLD@; fi",
    "the version of torch": 'if [[ $(python -c "import torch; print(torch.__version__)") == 2.* ]]; then @OLD@; fi',
    "the training itself": "if @OLD@; then echo ok; fi",
    "another case": "case $1 in train) @OLD@;; *) echo;; esac",
    "a size": "case $SIZE in 8b) @OLD@;; 0.5b) @OLD@;; esac",
    "a function that is called anyway": "run() {\n  @OLD@\n}\nrun",
    "an option in a variable": "EXTRA=--training.seed=1\ntorchrun -m torchtitan.train --module llama3 --config llama3_8b $EXTRA",
    "behind echo": "echo torchtitan $(pip show torchtitan | grep Version)\n@OLD@",
    "behind a variable that is shown": 'TT_VERSION=$(pip show torchtitan | grep Version)\necho "$TT_VERSION"\n@OLD@',
}


def _written(text: str) -> str:
    return text.replace("@OLD@", OLD_ONE).replace("@NEW@", NEW_ONE) + "\n"


@pytest.mark.parametrize("text", FOR_SOME_VERSIONS.values(), ids=FOR_SOME_VERSIONS)
def test_nothing_is_said_of_what_runs_for_some_versions_alone(text: str) -> None:
    assert found(_written(text), "0.3.0") == []


@pytest.mark.parametrize("text", FOR_ALL_VERSIONS.values(), ids=FOR_ALL_VERSIONS)
def test_what_runs_whatever_the_version_is_judged(text: str) -> None:
    assert found(_written(text), "0.3.0")


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("matrix.torchtitan == '0.2.2'", 0),
        ("${{ startsWith(matrix.torchtitan, '0.2') }}", 0),
        ("env.TT_VERSION != '0.3.0'", 0),
        ("github.repository == 'pytorch/torchtitan'", 1),
        ("matrix.gpus == 8", 1),
    ],
)
def test_a_step_for_some_versions_alone_is_left_alone(condition: str, says: int) -> None:
    text = f"steps:\n- if: {condition}\n  run: {LINE}\n"
    assert len(found(text, path="a.yaml")) == says


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--checkpoint.no-enable-checkpoint", "--checkpoint.no-enable"),
        ("--checkpoint.no_enable_checkpoint", "--checkpoint.no_enable"),
        ("--profiling.enable-profiling", "--profiler.enable-profiling"),
    ],
)
def test_a_message_has_the_option_as_the_file_has_it(
    option: str, says: str, tmp_path: Path, titan_lint: TitanLint
) -> None:
    (tmp_path / "run.sh").write_text(f"torchrun -m torchtitan.train --module llama3 {option}\n")
    said = titan_lint("--isolated", "--no-cache", "--torchtitan=0.3.0", tmp_path).out
    assert f"the option `{option}` is gone" in said
    assert f"Write `{says}`" in said
