"""TTN504 unknown-option."""

from __future__ import annotations

import ast
import re

from titan_lint.api import job_configs
from titan_lint.api.changes import facts
from titan_lint.api.changes.facts import JobKeyChange, JobMove
from titan_lint.code.screen import may_start_jobs
from titan_lint.finding import Applicability, Edit, Fix, Obligation, Span, unless
from titan_lint.rewriting.operations import Rewrite, WriteOver
from titan_lint.rules import words
from titan_lint.rules.base import Citation, Example, JobReport, Report, ScriptRule
from titan_lint.uses.guards import live
from titan_lint.uses.options import Around, of_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from titan_lint.api.job_configs import Renamed
    from titan_lint.uses.file import File
    from titan_lint.uses.launches import Launch, Option, Script


class UnknownOption(ScriptRule):
    """An option on the command line of a training that no job of the target takes.

    ## What it does
    Looks at commands that start torchtitan's training, with `-m torchtitan.train`, `torchtitan/train.py` or
    `run_train.sh`, in shell and SLURM scripts, Makefiles, Dockerfiles, an editor's `launch.json` and
    `tasks.json`, and in YAML and other JSON where a key says that it is run (`command`, `entrypoint`, `scripts`); at those that a program hands to `subprocess`, `os.system` or `os.exec`; at what
    `ConfigManager().parse_args([...])` is given as well. An option is reported that another torchtitan takes, and none of the jobs that the target
    comes with; of one of torchtitan's own jobs (`--module llama3`), also one that is misspelt. So is a `CONFIG_FILE` or
    `TRAIN_FILE` that is set or exported for `run_train.sh`, where that reads neither. Words that are put together when they run are not known, and nothing is said of them; nor is of
    any where the project has a config class of its own, of what is given to a `run_train.sh` of the project that does not
    hand all of it on to torchtitan, of what stands behind an `exit` or in `if false`, of what runs where a script has
    asked torchtitan for its version or what it has, and of what is only shown. Shell is read with the packages of
    `titan-lint[shell]`; a run without them says so.

    ## Why is this bad?
    torchtitan stops at its start: `Unrecognized options: --training.seed`. A `run_train.sh` that does not read
    `CONFIG_FILE` trains a debug model instead, without a word.

    ## Fix safety
    Safe: the option gets its new name where every job takes that. It is unsafe where a value may mean
    something else there, where the option is refused now unless the command says something else, too, and where a TOML file of torchtitan's own (`--job.config_file
    torchtitan/models/llama3/train_configs/llama3_8b.toml`) becomes the function that the target has for the same job
    (`--module llama3 --config llama3_8b`): its maintainers changed some of what it says.
    """

    sources = (
        Citation(
            "batch_size becomes local_batch_size", "pytorch/torchtitan 8570415c3", "2025-06-05"
        ),
        Citation("debug settings get a section", "pytorch/torchtitan e61f2cce4", "2025-10-29"),
        Citation(
            "[BC Breaking] Config System Refactor: TOML to Python Dataclass Registry",
            "pytorch/torchtitan 9810191bb (#2386)",
            "2026-02-23",
        ),
    )
    rests_on = (Obligation.SAME_VALUE, Obligation.VALUE_TAKEN)
    bad = (
        Example(
            torchtitan="0.2.2",
            code="""\
torchrun --nproc_per_node 8 -m torchtitan.train \\
    --job.config_file job.toml \\
    --training.seed 1 "$@"
""",
            fixed="""\
torchrun --nproc_per_node 8 -m torchtitan.train \\
    --job.config_file job.toml \\
    --debug.seed 1 "$@"
""",
        ),
        Example(
            about="a section with a new name",
            code="""\
MODULE=torchtitan.models.llama3 CONFIG=llama3_8b ./run_train.sh --profiling.enable_profiling
""",
            fixed="""\
MODULE=torchtitan.models.llama3 CONFIG=llama3_8b ./run_train.sh --profiler.enable_profiling
""",
        ),
        Example(
            about="a job that is no TOML any more",
            code="""\
torchrun --nproc_per_node 8 -m torchtitan.train --job.config_file job.toml
""",
        ),
    )
    good = (
        Example(
            about="known at its own version",
            torchtitan="0.2.0",
            code="""\
torchrun -m torchtitan.train --job.config_file job.toml --training.seed 1
""",
        ),
        Example(
            about="not torchtitan's",
            code="""\
python -m mine.train --model torchtitan --training.seed 1
""",
        ),
    )

    def judge(self, script: Script) -> Iterator[JobReport]:
        """See :meth:`titan_lint.rules.base.ScriptRule.judge`."""
        for launch in script.launches:
            yield from _judged(script, launch)

    def check(self, file: File) -> Iterator[Report]:
        """See :meth:`titan_lint.rules.base.Rule.check`."""
        data = file.source.text.encode("utf-8", "surrogatepass")
        if not may_start_jobs(data):
            return
        # Takes longer to import than most files to check.
        from titan_lint.uses.launched import failures, launches_in
        from titan_lint.uses.launches import Script

        launches = list(launches_in(file))
        # What the project does with jobs may take reading all of it.
        around = of_program(data) | file.options.around() if launches else Around()
        for call, launch in launches:
            script = Script(file.source, (launch,), file.target, around)
            for found in _judged(script, launch):
                if live(file, call, *failures()):
                    yield _in_program(call, found)


def _judged(script: Script, launch: Launch) -> Iterator[JobReport]:
    """What is wrong with the options of a command."""
    surface, around = script.target.surface, script.around
    is_old = job_configs.reads_toml(surface)
    if around.extends or launch.is_extended if is_old else around.configures:
        return
    if launch.by_script and (around.takes or (is_old and _is_of_other(launch))):
        return
    for option in launch.options:
        if job_configs.takes(surface, option.path) is False:
            report = _report(script, launch, option)
            if report is not None:
                yield report
    if is_old is False and not around.launches:
        yield from _variables(script, launch)


def _is_of_other(launch: Launch) -> bool:
    """Whether ``run_train.sh`` is told to start something else, or what is not known."""
    return any(
        variable.name == "TRAIN_FILE" and variable.written.strip("'\"") != "torchtitan.train"
        for variable in launch.variables
    )


def _variables(script: Script, launch: Launch) -> Iterator[JobReport]:
    """What is set for a ``run_train.sh`` that does not read it, beside nothing that it reads."""
    known, label = facts.job_keys(), script.target.label
    said = {variable.name for variable in launch.variables}
    said |= {option.path[0].upper() for option in launch.options if len(option.path) == 1}
    if not said.isdisjoint(known.instead):
        return
    for variable in launch.variables:
        fact = next((fact for fact in known.variables if fact.name == variable.name), None)
        if fact is not None and fact.has in variable.written:
            yield JobReport(
                variable.span,
                Span(min(variable.span.start, launch.span.start), launch.span.end),
                f"`run_train.sh` does not read `{fact.name}` at {label}",
                (fact.name,),
                notes=(
                    f"{words.when(known.toml_until)}: it trains a debug model where nothing else names a job",
                ),
                fix=_of_file(
                    script, variable.span, f"{fact.name}=", variable.written, "{}={} {}={}"
                ),
                help="Set `MODULE` and `CONFIG`, which name a function of a `config_registry`",
            )


def _of_file(script: Script, at: Span, before: str, value: str, form: str) -> Fix | None:
    """What names the job instead of a TOML file of torchtitan's own, where the target has a function for that.

    The maintainers changed some of what these jobs say when they wrote them in Python, so it is never safe.

    Args:
        script: The file that says it.
        at: Where it is said.
        before: What is written there before the value.
        value: The value, maybe in quotes.
        form: How the two names and their values are written.
    """
    is_quoted = value[:1] in ("'", '"') and value[:1] == value[-1:]
    job = job_configs.registered(script.target.surface, value[1:-1] if is_quoted else value)
    if job is None or script.source.text[at.start : at.end] != before + value:
        return None
    module, config = facts.job_keys().instead
    if not form.startswith("{}"):
        module, config = module.lower(), config.lower()
    said = form.format(module, job[0], config, job[1])
    made = Applicability.UNSAFE
    edit = Edit(at.start, at.end, said)
    return Fix(made, f"Write `{said}`", (edit,), because=(Obligation.SAME_VALUE,))


def _in_program(call: ast.Call, found: JobReport) -> Report:
    """What is wrong with an option, where a program has it."""
    fix = found.fix
    edits = () if fix is None else fix.edits
    rewrite = fix and Rewrite(
        fix.message,
        tuple(WriteOver(edit.start, edit.end, edit.content) for edit in edits),
        fix.because,
    )
    return Report(
        call,
        found.message,
        rewrite,
        key=found.key,
        notes=found.notes,
        help=found.help,
        span=found.span,
    )


def _report(script: Script, launch: Launch, option: Option) -> JobReport | None:
    surface, label = script.target.surface, script.target.label
    point = job_configs.option_taken_by(surface, option.path)
    became = job_configs.renamed(surface, option.path)
    if point is None and not isinstance(became.change, JobKeyChange):
        return _misspelt(script, launch, option)
    fix, advice = None, ""
    is_gone = point is None or point[1]
    if is_gone:
        fix = _fix(script, launch, option, became) or _instead(script, launch, option)
        advice = _advice(script, option, became)
    shown = words.short(option.written, 50)
    return JobReport(
        option.word,
        launch.span,
        f"the option `--{shown}` is {'gone' if is_gone else 'not there yet'} at {label}",
        option.path,
        fix,
        notes=(*_since(script, option, became), *((became.why,) if became.why else ())),
        help=advice,
    )


def _misspelt(script: Script, launch: Launch, option: Option) -> JobReport | None:
    """An option that no torchtitan takes, beside one that every job does."""
    near = job_configs.near(script.target.surface, option.path)
    if near is None or not _is_own(script, launch):
        return None
    return JobReport(
        option.word,
        launch.span,
        f"the option `--{words.short(option.written, 50)}` is not known at {script.target.label}",
        option.path,
        None,
        help=f"Is `--{option.named(near)}` meant?",
    )


def _is_own(script: Script, launch: Launch) -> bool:
    """Whether the job is certainly one of torchtitan's own: that of others may take more."""
    modules = script.target.surface.modules
    for option in launch.options:
        value = option.value or ""
        if option.path == ("module",):
            known = (value, f"torchtitan.models.{value}", f"torchtitan.experiments.{value}")
            return any(name in modules for name in known)
        if option.path == ("job", "config_file"):
            return _OWN_FILE.fullmatch(value) is not None
    return False


_OWN_FILE = re.compile(r"(?:\./)?torchtitan/(?:models|experiments)/\S+\.toml")


def _since(script: Script, option: Option, became: Renamed) -> tuple[str, ...]:
    """Since when, as exactly as it is known."""
    surface = script.target.surface
    known, change = job_configs.option_taken_by(surface, option.path), became.change
    if known is None or (known[1] and isinstance(change, JobKeyChange)):
        return (words.when(change),) if change is not None else ()
    point, earlier = known
    if earlier and job_configs.reads_toml(surface) is False:
        until = facts.job_keys().toml_until
        day = point.day.isoformat() if point.day is not None else until.day
        if day < until.day:
            return (words.when(until),)
        if change is not None and day < change.day:
            return (words.when(change),)
    return words.option_in(surface, point, option.path, earlier=earlier)


def _advice(script: Script, option: Option, became: Renamed) -> str:
    surface = script.target.surface
    new, change = became.new, became.change
    if new is not None and job_configs.takes(surface, new):
        return f"It is `--{option.named(new)}` now"
    if job_configs.reads_toml(surface):
        return change.help if change is not None else ""
    return "Say it in the function that `--config` names, or remove it"


def _instead(script: Script, launch: Launch, option: Option) -> Fix | None:
    """What names the job in the place of ``--job.config_file``, where nothing else does."""
    if option.path != ("job", "config_file") or option.value is None or option.name is None:
        return None
    if any(other.path in (("module",), ("config",)) for other in launch.options):
        return None
    text = script.source.text
    written = re.compile(rf"(=|[ \t]+)(['\"]?){re.escape(option.value)}\2(?=\s|$)")
    found = written.match(text, option.name.end)
    if found is None:
        return None
    start = option.name.start - len("--")
    before = text[start : found.end(1)]
    return _of_file(
        script,
        Span(start, found.end()),
        before,
        text[found.end(1) : found.end()],
        "--{} {} --{} {}",
    )


def _fix(script: Script, launch: Launch, option: Option, became: Renamed) -> Fix | None:
    """The option's new name, if every job takes it and the command does not say it already."""
    new, change = became.new, became.change
    if (
        new is None
        or option.name is None
        or not job_configs.takes(script.target.surface, new, every=True)
        or any(other.path == new for other in launch.options)
    ):
        return None
    said = option.named(new)
    because = unless(not isinstance(change, JobKeyChange) or change.safe, Obligation.SAME_VALUE)
    if isinstance(change, JobMove) and not option.off:
        because += unless(_is_taken(launch, change), Obligation.VALUE_TAKEN)
    made = Applicability.UNSAFE if because else Applicability.SAFE
    edit = Edit(option.name.start, option.name.end, said)
    return Fix(made, f"Write `--{said}`", (edit,), because=because)


def _is_taken(launch: Launch, move: JobMove) -> bool:
    """Whether a command certainly says what an option is refused without.

    Of a list that it does not say the default is taken to have the item, and so is what a job makes of that.
    """
    for key, text in move.beside.items():
        said = [option for option in launch.options if ".".join(option.path) == key]
        wanted = ast.literal_eval(text)
        if wanted is True:
            if not said or any(option.off or option.value in _OFF for option in said):
                return False
        elif any(option.value != wanted for option in said):
            return False
    return True


_OFF = frozenset({"0", "False", "false"})
