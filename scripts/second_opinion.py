"""What ty and pyright say of a tree against the real torchtitan, beside what titan-lint says.

    python scripts/second_opinion.py TREE... --torchtitan VERSION... [--by ty] [--show] [--json FILE]
    python scripts/second_opinion.py --page FILE

TREE is a folder, or `NAME==VERSION` for a package whose wheel is downloaded with pip. Each is copied, and
looked at as it is, after `--fix`, and after `--fix --unsafe-fixes`: titan-lint asks its surface of VERSION, a
release; the type checkers see the files of the wheel, next to the packages (torch, above all) of the
interpreter that runs this. ty and pyright are those on the path.

What a type checker says counts when it is about an import, an attribute, a keyword, or an argument too few
or too many, and it concerns torchtitan: it is an import of torchtitan, or it is not said without torchtitan.
What they and titan-lint say on the same line is one opinion. What only a type checker says is held against
`LIMITS`, its own false ones, and against what it says of the tree as it is at `--before`, the release that
the trees work with: a member that its annotation lacks there, too, is no change of torchtitan's. What only
titan-lint says is held against `BEYOND`, what a type checker cannot see.
`--show` lists what is left, `--json` writes all of it, and `--page` makes `docs/second-opinion.md` of that.

Exit status: 0 all was said by both or is explained, 1 something is left, 2 a tree cannot be looked at.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "second-opinion.md"

STAGES = {"as it is": (), "--fix": ("--fix",), "--unsafe-fixes": ("--fix", "--unsafe-fixes")}
"""The states of a tree, and the options that make them."""

KINDS = ("import", "attribute", "keyword", "missing argument", "too many arguments")

TY = {
    "import-not-found": "import",
    "missing-module-member": "import",
    "missing-attribute": "attribute",
    "missing-union-attribute": "attribute",
    "unknown-argument": "keyword",
    "positional-only-parameter-as-kwarg": "keyword",
    "missing-argument": "missing argument",
    "too-many-positional-arguments": "too many arguments",
}
"""What ty's rules are about; the others are no opinion on an API. A ty that lacks one is refused."""

PYRIGHT = (
    ("reportMissingImports", "", "import"),
    ("reportAttributeAccessIssue", "unknown import symbol", "import"),
    ("reportAttributeAccessIssue", "", "attribute"),
    ("reportCallIssue", "No parameter named", "keyword"),
    ("reportCallIssue", "missing for parameter", "missing argument"),
    ("reportCallIssue", "positional argument", "too many arguments"),
)
"""What pyright's rules are about, by a part of the message."""

MARKS = ("pyproject.toml", "setup.cfg")
"""Files of the root of a project: what is in other files of it counts."""

LOUD = {"TTN201", "TTN202", "TTN203", "TTN204", "TTN301", "TTN302", "TTN303", "TTN102"}
"""Rules on what a type checker could see, too."""


class Opinion(NamedTuple):
    """One thing said about a line.

    Attributes:
        by: `ty`, `pyright` or `titan-lint`.
        rule: its own name for it.
        kind: one of `KINDS`; a severity for titan-lint.
        file: the path in the tree.
        line: the first line that it is about, from 1.
        end: the last one.
        message: what it says.
    """

    by: str
    rule: str
    kind: str
    file: str
    line: int
    end: int
    message: str


class Explained(NamedTuple):
    """A kind of opinion that only one side has, and why.

    Attributes:
        by: who has it.
        rule: its rule, as a regular expression; all of it has to match. Empty for any.
        message: a regular expression that the message has somewhere.
        reason: why the other side does not, and who is right.
        source: a regular expression that the line has somewhere.
        file: a regular expression that the file's path has somewhere.
        is_caught: whether it is meant only where a `try` catches a failing import.
        is_real: whether it is true, and titan-lint cannot see it in the way it works.
    """

    by: str
    rule: str
    message: str
    reason: str
    source: str = ""
    file: str = ""
    is_caught: bool = False
    is_real: bool = False

    @property
    def heading(self) -> str:
        """What an opinion is counted as that has this reason."""
        return "unseen" if self.is_real else "explained"


SET_THERE = "A name is set on a module or class that lacks it: nothing fails there when it is run."
PUT_FIRST = (
    "The project puts it there first. Where that needs the original, its own read is reported."
)

LIMITS: tuple[Explained, ...] = (
    Explained(
        "ty",
        "unknown-argument",
        "`(spmd_backend|disable_cuda_graphs)`",
        "The class derives from one whose import fails: that one takes the field where it is by now.",
        file="torchtitan_npu/config/custom_config.py",
    ),
    Explained(
        "ty|pyright",
        "",
        'torchtitan.models.common.rope|[`"]backend[`"]',
        "Only tests import the file, and all of them begin with a `pytest.skip` for the whole module.",
        file="tests/smoke_tests/features/_dsa_model_helpers.py",
    ),
    Explained(
        "ty",
        "missing-union-attribute",
        "is not defined on `None` in union",
        "The annotation allows `None`; the API has not changed.",
    ),
    Explained(
        "ty",
        "missing-attribute",
        "on type `<(module|class) '",
        SET_THERE,
        source=r"^[\w.]+ = ",
    ),
    Explained(
        "ty|pyright",
        "missing-attribute|reportAttributeAccessIssue",
        "(folder|keep_latest_k|sd_adapter)` on type `BaseCheckpointManager`"
        "|`BaseCheckpointManager` has no attribute `(folder|keep_latest_k|sd_adapter)`"
        '|"(folder|keep_latest_k|sd_adapter)" for class "BaseCheckpointManager',
        "The annotation names the base class; both managers that are built have it.",
    ),
    Explained(
        "ty|pyright",
        "import-not-found|missing-module-member|reportMissingImports|reportAttributeAccessIssue",
        "",
        "It stands in a `try` that catches it.",
        is_caught=True,
    ),
    Explained(
        "ty",
        "missing-attribute",
        "`torchtitan.distributed.activation_checkpoint` has no member `_apply_full_ac`",
        "The function around it has put it there by then.",
        source=r"_apply_full_ac\(module, ac_config\)",
    ),
    Explained(
        "pyright",
        "reportAttributeAccessIssue",
        '"(token|model)" for class "(TrainState|ReferenceModel)',
        "The class is the project's own, and no more than its declaration lacks it.",
    ),
    Explained(
        "ty",
        "missing-attribute",
        "`torchtitan.models.deepseek_v3` has no member `infra`",
        "The assertion right above fails on the same, which is reported.",
        source=r"^titan_deepseekv3\.",
    ),
    Explained(
        "ty|pyright",
        "missing-attribute|reportAttributeAccessIssue",
        '`Trainer` has no attribute `Config`|attribute "Config" for class "type.Trainer',
        "It stands in the text of a `cast`, which nothing evaluates.",
        source=r"cast\(\"",
    ),
    Explained(
        "ty|pyright",
        "",
        "has no member `(build_(optimizers|cross_entropy_loss|text_dataloader)"
        "|apply_cp_to_attention_module|maybe_enable_async_tp|register_moe_load_balancing_hook)`"
        "|function `(apply_cp_to_attention_module|maybe_enable_async_tp"
        "|create_varlen_metadata_for_document)`",
        PUT_FIRST,
    ),
    Explained(
        "pyright",
        "reportAttributeAccessIssue",
        '"(build_(optimizers|cross_entropy_loss|text_dataloader)|apply_cp_to_attention_module'
        '|maybe_enable_async_tp|register_moe_load_balancing_hook)" is (unknown import|not a known attribute)',
        PUT_FIRST,
    ),
    Explained(
        "pyright",
        "reportCallIssue",
        "",
        PUT_FIRST,
        source=r"apply_cp_to_attention_module\(|maybe_enable_async_tp\(|npu_apply_cp\("
        r"|create_varlen_metadata_for_document\(",
    ),
    Explained(
        "pyright",
        "reportAttributeAccessIssue",
        '"infra" is not a known attribute of module "torchtitan.models.deepseek_v3"',
        "The package imports its module itself, which is an attribute of it from then on.",
    ),
    Explained(
        "pyright",
        "reportAttributeAccessIssue",
        r'Cannot (assign to|delete) attribute "\w+" for class "(type\[|DSASparseAttention")'
        '|"\\w+" is not a known attribute of module',
        SET_THERE,
        source=r"^(del )?[\w.]+( = |$)|^cls\.",
    ),
    Explained(
        "ty|pyright",
        "missing-attribute|reportAttributeAccessIssue",
        "(DSV32_SDPA|ScaledDotProductAttention)",
        "The code under test has put it on the class before.",
        source="DSV32_SDPA|ScaledDotProductAttention",
    ),
    Explained(
        "ty|pyright",
        "missing-attribute|reportAttributeAccessIssue",
        "_run_experts_grouped_mm",
        "The line above fails on the same, which is reported.",
        source=r"^compiled_fn = ",
    ),
    Explained(
        "ty|pyright",
        "missing-attribute|reportAttributeAccessIssue",
        'type `object` has no attribute|for class "object"'
        '|"_updater_cls_list" for class "type.BaseStateDictAdapter',
        "The annotation says next to nothing; what is passed has it.",
    ),
    Explained(
        "ty|pyright",
        "missing-(union-)?attribute|reportAttributeAccessIssue",
        'attribute [`"](n_layers|num_mtp_modules|moe_args|layers)[`"]|Attribute `layers`',
        "The annotation names the base of all models' configs; the project's own, which is passed, has it.",
        source=r"self\.model_config\.",
    ),
    Explained(
        "ty|pyright",
        "unknown-argument|reportCallIssue",
        "device_type",
        "Where it is of this class, making it fails already, which is reported.",
        source=r"= parallel_dims\.build_mesh\(device_type=device_type\)",
    ),
)
"""What type checkers say and the real torchtitan does not bear out."""

UNSEEN: tuple[Explained, ...] = (
    Explained(
        "ty|pyright",
        "",
        'torchtitan.models.common[.`"]',
        "The package around the file calls functions of the project that may raise where torchtitan lacks a method.",
        file="torchtitan_npu/entry.py",
        is_real=True,
    ),
    Explained(
        "ty",
        "missing-attribute",
        "activation_checkpoint",
        "The project gives the field something that is gone; what it gives in its place, nobody can tell.",
        source=r"trainer_config\.activation_checkpoint\.mode",
        is_real=True,
    ),
    Explained(
        "ty|pyright",
        "",
        "local_output_grad_placements|(disable_loss_parallel|expert_parallel_comm_backend|etp_enabled"
        '|fsdp_gradient_divide_factor|enable_custom_context_parallel)[`"]',
        "A function of the project that is handed something of torchtitan's, and a name, decides before "
        "whether it is reached: it may ask for the version.",
        is_real=True,
    ),
    Explained(
        "ty|pyright",
        "missing-attribute|reportAttributeAccessIssue|missing-argument|unknown-argument|reportCallIssue",
        '(type|for class) [`"]((Optimizer)?Config\\*?|Self@build)[`"]|required parameter `(rope|config)`'
        '|parameter "(rope|config)"|No parameter named "(name|lr|beta1|beta2|eps|weight_decay|mask_type)"',
        "Classes called `Config` in other files of the project derive from each other and are given "
        "attributes: which of them is meant is not told apart.",
        is_real=True,
    ),
    Explained(
        "ty|pyright",
        "missing-argument|reportCallIssue",
        "required parameter 3|1 more positional argument",
        "What is called is the value of a field, of which the annotation alone tells the arguments.",
        source=r"train_spec\.build_lr_schedulers_fn\(",
        is_real=True,
    ),
)
"""What type checkers say truly, and titan-lint cannot see in the way it works."""

BEYOND: tuple[Explained, ...] = (
    Explained(
        "titan-lint",
        "TTN20[12]",
        "`torchtitan.models.(llama4|deepseek_v3).model.model` is gone|`torchtitan.experiments.vlm"
        "|`torchtitan.models.\\*",
        "The module is named by a string.",
    ),
    Explained(
        "titan-lint",
        "TTN201",
        "cannot be imported at torchtitan .*; torchtitan's own `",
        "What fails is an import in torchtitan itself, which a type checker says of that file alone.",
    ),
    Explained(
        "titan-lint",
        "TTN201",
        "`torchtitan.distributed.activation_checkpoint._get_save_ops`",
        "`monkeypatch` is told the name in a string, and raises where there is none.",
    ),
    Explained(
        "titan-lint",
        "TTN204",
        "`\\*_configs` of torchtitan",
        "The module is named by a string.",
    ),
    Explained(
        "titan-lint",
        "TTN301",
        "this override (does not take|asks for|is not given) `",
        "The override is the file's own, and what calls it is torchtitan.",
    ),
    Explained(
        "titan-lint",
        "TTN301",
        "`(ActivationCheckpointConfig|OptimizersContainer.Config)`"
        "|`parallelize_(qwen3|deepseekv3)` takes no `model_converters`",
        "It is reached through an import that is gone, behind which a type checker knows nothing.",
    ),
    Explained(
        "titan-lint",
        "TTN203",
        "`(Attention|DeepSeekV3Model|DeepSeekV3TransformerBlock|MoE)` has no",
        "By its annotations, a `torch.nn.Module` has whatever it is asked for; at run time it raises.",
    ),
    Explained(
        "titan-lint",
        "TTN303",
        "`BaseModel` takes 0 positional arguments",
        "By its annotations, a `torch.nn.Module` is made of whatever it is given; at run time it raises.",
    ),
    Explained(
        "titan-lint",
        "TTN301",
        "`ActivationCheckpointing.Config` takes no `mode`",
        "By its annotations, `dataclasses.replace` takes any keyword; at run time it raises.",
        source=r"\breplace\(",
    ),
    Explained(
        "titan-lint",
        "TTN302",
        "its default does not work",
        "The default is made when the class is called, and raises then.",
    ),
    Explained(
        "titan-lint",
        "TTN203",
        "`Trainer.Config` has no `model_converters`",
        "A function of a module that is named by a string returns it.",
        source=r"(flash|mxfp8|pro)_config\.model_converters",
    ),
    Explained(
        "titan-lint",
        "TTN203",
        "`ForgeEngine` has no `maybe_enable_amp`",
        "It is an attribute of an actor, whose base is of a package that is not installed here.",
    ),
    Explained(
        "titan-lint",
        "TTN30[23]",
        "`(parallelize_deepseekv3|TokenChoiceTopKRouter|MoE)` (asks for|takes)",
        "It is reached through an import that is gone, behind which a type checker knows nothing.",
    ),
    Explained(
        "titan-lint",
        "TTN303",
        "`SpmdContext.__call__` takes 0 positional arguments",
        "It is an attribute of an actor, whose base is of a package that is not installed here.",
    ),
    Explained(
        "titan-lint",
        "TTN203",
        "`(MetricsProcessor|ParallelDims)` has no `(config|has_quantization|job_config|_meshes)`",
        "A function is put on torchtitan's class, and reads it off its first parameter, of which no type is told.",
        source=r"\bself\.",
    ),
    Explained(
        "titan-lint",
        "TTN303",
        "`TrainContext.__call__` takes 0 positional arguments",
        "What makes it is called wrongly itself, behind which a type checker knows nothing.",
    ),
    Explained(
        "titan-lint",
        "TTN201",
        "`torchtitan.components.optimizer.build_optimizers` is gone",
        "Only the package is imported by name; its modules are there because others import them.",
    ),
    Explained(
        "titan-lint",
        "TTN303",
        "`Trainer` takes this as `config`",
        "Another argument is asked for in the same place, and nothing tells the type of what is passed.",
    ),
    Explained(
        "titan-lint",
        "TTN301",
        "`(Trainer.Config|ParallelismConfig)` takes no "
        "`(model_converters|expert_tensor_parallel_degree|enable_async_tensor_parallel)`",
        "It is passed to a dataclass of the project's that derives from torchtitan's: pyright says the same, ty nothing.",
    ),
)
"""What titan-lint says rightly, and a type checker cannot see. Each was looked up in the package itself."""

AS_BEFORE = "The annotation lacked it before, too: the project adds it itself, or never had it."
"""What is said of a member that a type checker misses at `--before` as well."""


class TroubleError(Exception):
    """A tree cannot be looked at; the message says why."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("trees", nargs="*", metavar="TREE")
    parser.add_argument("--torchtitan", nargs="+", metavar="VERSION", default=["0.3.0"])
    parser.add_argument(
        "--before", metavar="VERSION|FOLDER", default="0.2.2", help="what the trees fit"
    )
    parser.add_argument("--by", nargs="+", choices=CHECKERS, default=list(CHECKERS))
    parser.add_argument("--states", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--show", action="store_true", help="list what only one side says")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write, or add to, FILE")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write docs/second-opinion.md")
    arguments = parser.parse_args()
    if arguments.page:
        results = [
            settled(one, (*LIMITS, *UNSEEN, *BEYOND))
            for one in json.loads(arguments.page.read_text("utf-8"))
        ]
        PAGE.write_text(page(results), encoding="utf-8")
        return
    if not arguments.trees:
        parser.error("name a tree")
    results: list[dict[str, Any]] = []
    try:
        with tempfile.TemporaryDirectory() as scratch:
            results += look_at_all(
                arguments.trees,
                arguments.torchtitan,
                arguments.by,
                Path(scratch),
                arguments.before,
                arguments.states,
            )
    except TroubleError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    if arguments.json:
        write(arguments.json, results)
    for result in results:
        print(summary(result))
        if arguments.show:
            for one in result["left"]:
                print(
                    f"  {one['by']}: {one['file']}:{one['line']}: {one['rule']}: {one['message']}"
                )
                print(f"      {one['source']}")
    sys.exit(any(result["left"] for result in results))


def look_at_all(
    trees: list[str],
    versions: list[str],
    checkers: list[str],
    scratch: Path,
    before: str,
    stages: list[str],
) -> Iterator[dict[str, Any]]:
    """Look at all trees at all versions; a type checker reads torch once for all that it is shown."""
    sources = dict(fetch(tree, scratch) for tree in trees)
    without = scratch / "without"
    make_environment(without, None)
    originals = [copy_code(source, scratch / "plain" / name) for name, source in sources.items()]
    elsewhere = {
        (one.file, one.rule, one.message)
        for checker in checkers
        for said in CHECKERS[checker](originals, without)
        for one in said
    }
    fitting = scratch / "before"
    make_environment(fitting, torchtitan(before, scratch))
    said_before = [CHECKERS[checker](originals, fitting) for checker in checkers]
    as_before = {
        name: {key for each in opinions for one in each if (key := member(one)) is not None}
        for name, *opinions in zip(sources, *said_before, strict=True)
    }
    for version in versions:
        with_it = scratch / version / "environment"
        make_environment(with_it, torchtitan(version, scratch))
        states: dict[tuple[str, str], Path] = {}
        tree_of: dict[Path, str] = {}
        for name, source in sources.items():
            last = None
            for stage in stages:
                options = STAGES[stage]
                copy = copy_code(source, scratch / version / stage.strip("-") / name)
                if options:
                    titan_lint(copy, version, *options)
                is_same = last is not None and texts(copy) == texts(last)
                states[name, stage] = last = last if last and is_same else copy
                tree_of[last] = name
        folders = list(dict.fromkeys(states.values()))
        said = [CHECKERS[checker](folders, with_it) for checker in checkers]
        results: dict[Path, dict[str, Any]] = {}
        for folder, *opinions in zip(folders, *said, strict=True):
            theirs = [
                widened(one, folder)
                for each in opinions
                for one in each
                if is_of_torchtitan(one, folder, elsewhere)
            ]
            known = as_before[tree_of[folder]]
            results[folder] = compare(folder, titan_lint(folder, version), theirs, known)
        for (name, stage), folder in states.items():
            yield {
                "tree": name,
                "torchtitan": version,
                "stage": stage,
                "day": datetime.date.today().isoformat(),
                "checkers": checkers,
                **results[folder],
            }


def fetch(tree: str, scratch: Path) -> tuple[str, Path]:
    """The name and the folder of a tree; a package is downloaded."""
    name, _, release = tree.partition("==")
    if not release:
        return Path(tree).resolve().name, Path(tree)
    folder = scratch / "packages" / f"{name}-{release}"
    unpack(download(name, release, scratch), folder)
    return f"{name} {release}", folder


def member(one: Opinion) -> tuple[str, str, str] | None:
    """The file, the checker and the member that an opinion on an attribute is about; else `None`."""
    found = MEMBER.search(one.message)
    return (one.file, one.by, found["name"]) if one.kind == "attribute" and found else None


MEMBER = re.compile(
    r"""(?:(?:has no|access|assign to|Unresolved) attribute|Attribute) [`"](?P<name>\w+)[`"]"""
)


def compare(
    tree: Path,
    ours: list[Opinion],
    theirs: list[Opinion],
    as_before: Collection[tuple[str, str, str]] = (),
) -> dict[str, Any]:
    """What both say, what is explained, and what is left.

    Args:
        tree: the folder.
        ours: what titan-lint says.
        theirs: what the type checkers say.
        as_before: the members that they missed before, as by `member`.
    """
    counts: Counter[str] = Counter()
    left: list[dict[str, Any]] = []
    for one in theirs:
        if any(meets(one, our) for our in ours):
            counts[f"both: {one.by}"] += 1
            continue
        if member(one) in as_before:
            counts[f"explained: {one.by}: {AS_BEFORE}"] += 1
            continue
        settle(one, tree, (*LIMITS, *UNSEEN), counts, left)
    for our in ours:
        if our.kind == "info":
            continue
        if any(meets(one, our) for one in theirs):
            counts["both: titan-lint"] += 1
        elif our.rule not in LOUD:
            counts[f"no matter of types: {our.rule}"] += 1
        else:
            settle(our, tree, BEYOND, counts, left)
    return {"counts": dict(sorted(counts.items())), "left": left}


def settle(
    one: Opinion,
    tree: Path,
    known: tuple[Explained, ...],
    counts: Counter[str],
    left: list[dict[str, Any]],
) -> None:
    source = line_of(tree, one)
    for reason in known:
        if is_meant(reason, one, source) and (
            not reason.is_caught or is_caught(tree / one.file, one.line)
        ):
            counts[f"{reason.heading}: {one.by}: {reason.reason}"] += 1
            return
    counts[only(one)] += 1
    left.append(one._asdict() | {"source": source})


def only(one: Opinion) -> str:
    """Under which name an opinion is counted that only one side has."""
    return f"only: {one.by}: {one.kind if one.by != 'titan-lint' else one.rule}"


def is_meant(reason: Explained, one: Opinion, source: str) -> bool:
    """Whether a reason is about an opinion, but for what stands around the line."""
    return bool(
        re.fullmatch(reason.by, one.by)
        and re.fullmatch(reason.rule or ".*", one.rule)
        and re.search(reason.message, one.message)
        and re.search(reason.source, source)
        and re.search(reason.file, one.file)
    )


def settled(result: dict[str, Any], reasons: tuple[Explained, ...]) -> dict[str, Any]:
    """A result with the reasons of today for what it left open: a new one needs no new run."""
    counts, left = Counter[str](result["counts"]), list[dict[str, Any]]()
    for found in result["left"]:
        one = Opinion(*(found[name] for name in Opinion._fields))
        known = [r for r in reasons if not r.is_caught and is_meant(r, one, found["source"])]
        if known:
            counts[only(one)] -= 1
            counts[f"{known[0].heading}: {one.by}: {known[0].reason}"] += 1
        else:
            left.append(found)
    return result | {"counts": dict(counts), "left": left}


def is_caught(path: Path, line: int) -> bool:
    """Whether a line stands in a `try` that goes on where an import fails."""
    return any(
        statement.lineno <= line <= (statement.end_lineno or line)
        and (handler.type is None or CATCHES & set(re.findall(r"\w+", ast.unparse(handler.type))))
        and not any(isinstance(part, ast.Raise) for part in ast.walk(handler))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Try)
        for statement in node.body
        for handler in node.handlers
    )


CATCHES = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


def line_of(tree: Path, one: Opinion) -> str:
    lines = (tree / one.file).read_text("utf-8", errors="replace").splitlines()
    return lines[one.line - 1].strip() if one.line <= len(lines) else ""


def meets(one: Opinion, our: Opinion) -> bool:
    """Whether a type checker and titan-lint speak of the same lines."""
    return one.file == our.file and one.line <= our.end and our.line <= one.end


def widened(one: Opinion, tree: Path) -> Opinion:
    """An opinion on an import or a call is one on the whole statement.

    A module that is not there takes all its names, and a call is named by its first line or by an argument.
    """
    if one.kind == "attribute":
        return one
    for node in ast.walk(ast.parse((tree / one.file).read_bytes())):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            end = node.end_lineno or node.lineno
            if node.lineno <= one.line <= end:
                return one._replace(line=node.lineno, end=end)
    return one


def is_of_torchtitan(one: Opinion, tree: Path, elsewhere: set[tuple[str, str, str]]) -> bool:
    """Whether an opinion is about an import of torchtitan, or is not had without torchtitan."""
    modules = list(imported(tree / one.file, one)) if one.kind == "import" else []
    if modules:
        return any(module.partition(".")[0] == "torchtitan" for module in modules)
    return (one.file, one.rule, one.message) not in elsewhere


def imports_at(path: Path, one: Opinion) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements on an opinion's line."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            if node.lineno <= one.line <= (node.end_lineno or node.lineno):
                yield node


def imported(path: Path, one: Opinion) -> Iterator[str]:
    """Modules that the imports on an opinion's line name."""
    for node in imports_at(path, one):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif not node.level:
            yield node.module or ""


# The three that are asked.


def titan_lint(tree: Path, version: str, *options: str) -> list[Opinion]:
    command = [sys.executable, "-m", "titan_lint", "--isolated", "--no-cache", *options]
    command += ["--torchtitan", version, "--output-format", "json", str(tree)]
    done = run(command, ROOT)
    if done.returncode not in (0, 1):
        raise TroubleError(f"titan-lint: {done.stderr.strip()}")
    return [
        Opinion(
            "titan-lint",
            *(finding["code"], finding["severity"]),
            Path(finding["path"]).relative_to(tree.resolve()).as_posix(),
            *(finding["line"], finding["end_line"]),
            "; ".join([finding["message"], *finding["notes"]]),
        )
        for finding in json.loads(done.stdout)["findings"]
    ]


def ty(trees: list[Path], environment: Path) -> list[list[Opinion]]:
    # Its rules have changed their names before, and an unknown one is not an error.
    known = run(["ty", "explain", "rule"], environment).stdout.splitlines()
    if renamed := [rule for rule in TY if f"# {rule}" not in known]:
        raise TroubleError(f"ty: it has no rule {renamed[0]} (any more)")
    return [_ty(tree, environment) for tree in trees]


def _ty(tree: Path, environment: Path) -> list[Opinion]:
    settings = environment / "ty.toml"
    settings.write_text("[analysis]\nrespect-type-ignore-comments = false\n")
    command = ["ty", "check", "--project", str(tree), "--python", str(environment)]
    command += ["--config-file", str(settings), "--output-format", "gitlab", "--exit-zero"]
    command += ["--no-progress", "--no-respect-ignore-files"]
    done = run([*command, *map(str, users(tree))], tree)
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise TroubleError(f"ty: {done.stderr.strip()}") from error
    found: list[Opinion] = []
    for one in said:
        if kind := TY.get(one["check_name"]):
            place = one["location"]
            line = place["positions"]["begin"]["line"]
            message = one["description"].removeprefix(f"{one['check_name']}: ")
            file = Path(tree, place["path"]).resolve().relative_to(tree.resolve()).as_posix()
            found.append(Opinion("ty", one["check_name"], kind, file, line, line, message))
    return found


def pyright(trees: list[Path], environment: Path) -> list[list[Opinion]]:
    settings = environment / "pyrightconfig.json"
    configuration = {
        "include": [os.path.relpath(path, environment) for tree in trees for path in users(tree)],
        "exclude": [],
        "executionEnvironments": [{"root": os.path.relpath(tree, environment)} for tree in trees],
        "typeCheckingMode": "standard",
        "enableTypeIgnoreComments": False,
    }
    settings.write_text(json.dumps(configuration))
    python = environment / "bin" / "python"
    command = ["pyright", "--outputjson", "--pythonpath", str(python), "--project", str(settings)]
    done = run(command, environment)
    try:
        said = json.loads(done.stdout)["generalDiagnostics"]
    except (json.JSONDecodeError, KeyError) as error:
        raise TroubleError(f"pyright: {done.stderr.strip() or done.stdout.strip()}") from error
    found: dict[Path, list[Opinion]] = {tree.resolve(): [] for tree in trees}
    for one in said:
        rule = one.get("rule", "")
        message = one["message"].replace("\N{NO-BREAK SPACE}", " ")
        kind = next((k for r, part, k in PYRIGHT if r == rule and part in message), None)
        # Where the attribute is there and takes another type, nothing is missing.
        if kind and "cannot be assigned to attribute" not in message:
            line = one["range"]["start"]["line"] + 1
            path = Path(one["file"]).resolve()
            tree = next(each for each in found if path.is_relative_to(each))
            file = path.relative_to(tree).as_posix()
            found[tree].append(Opinion("pyright", rule, kind, file, line, line, message))
    return list(found.values())


CHECKERS = {"ty": ty, "pyright": pyright}


# Trees and environments.


def torchtitan(version: str, scratch: Path) -> Path:
    """The wheel of a release; a folder that holds the package is taken as it is."""
    folder = Path(version)
    return folder if (folder / "torchtitan").is_dir() else download("torchtitan", version, scratch)


def make_environment(folder: Path, wheel: Path | None) -> None:
    """A virtual environment with this interpreter's packages, and the torchtitan of a wheel, a folder or none."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    base = Path(sysconfig.get_config_var("BINDIR"))
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(base / version)
    (folder / "pyvenv.cfg").write_text(f"home = {base}\nversion = {sys.version.split()[0]}\n")
    for place in sys.path:
        if Path(place).name != "site-packages":
            continue
        for entry in sorted(Path(place).iterdir()):
            link = packages / entry.name
            if entry.name.startswith("torchtitan") or entry.suffix == ".pth" or link.exists():
                continue
            link.symlink_to(entry)
    if wheel is not None and wheel.is_dir():
        (packages / "torchtitan").symlink_to((wheel / "torchtitan").resolve())
    elif wheel is not None:
        unpack(wheel, packages)


def download(name: str, version: str, to: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(to), f"{name}=={version}"]
    done = run(command, to)
    if done.returncode:
        raise TroubleError(f"pip cannot download {name} {version}: {done.stderr.strip()}")
    return next(to.glob(f"{name.replace('-', '_')}-{version}-*.whl"))


def unpack(wheel: Path, to: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(to)


def copy_code(source: Path, to: Path) -> Path:
    """Copy the Python files of a folder, and what tells where its projects begin."""
    kept = [path for name in ("*.py", *MARKS) for path in source.rglob(name)]
    for path in sorted(kept):
        copied = to / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    if not to.is_dir():
        raise TroubleError(f"{source} has no Python file")
    return to


def users(tree: Path) -> list[Path]:
    """The files that name torchtitan."""
    return [path for path in sorted(tree.rglob("*.py")) if b"torchtitan" in path.read_bytes()]


def texts(tree: Path) -> dict[str, bytes]:
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in users(tree)}


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # Type checkers would take a torchtitan that lies there for that of the environment that they are shown.
    is_ours = command[0] == sys.executable
    kept = {name: value for name, value in os.environ.items() if is_ours or name != "PYTHONPATH"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=kept
    )


# What is shown.


def summary(result: dict[str, Any]) -> str:
    head = f"{result['tree']}, torchtitan {result['torchtitan']}, {result['stage']}:"
    counts = [f"  {count:5} {what}" for what, count in result["counts"].items()]
    return "\n".join([head, *counts])


def write(path: Path, results: list[dict[str, Any]]) -> None:
    """Add results to a file; those of the same tree, version, stage and checkers are replaced."""
    before = json.loads(path.read_text("utf-8")) if path.is_file() else []
    kept = {identity(one): one for one in [*before, *results]}
    path.write_text(json.dumps(list(kept.values()), indent=1) + "\n", encoding="utf-8")


def identity(result: dict[str, Any]) -> tuple[str, ...]:
    return result["tree"], result["torchtitan"], result["stage"], *result["checkers"]


def page(results: list[dict[str, Any]]) -> str:
    """The page: what was said of each tree, what is explained, and what is left."""
    checkers = ", ".join(sorted({name for result in results for name in result["checkers"]}))
    verb = "say" if ", " in checkers else "says"
    rows = [
        f"| {result['tree']} | {result['torchtitan']} | {result['stage']} | "
        f"{', '.join(result['checkers'])} | "
        + " | ".join(
            str(sum(n for what, n in result["counts"].items() if re.match(column, what)))
            for column in COLUMNS.values()
        )
        + " |"
        for result in results
    ]
    known = (*LIMITS, *UNSEEN, *BEYOND)
    by_reason: dict[str, set[str]] = {}
    for one in known:
        by_reason.setdefault(one.reason, set()).update(one.by.split("|"))
    by_reason[AS_BEFORE] = set(checkers.split(", "))
    explained = "\n".join(
        f"| {', '.join(sorted(by))} | {reason} | {times(results, reason)} |"
        for reason, by in by_reason.items()
    )
    left: Counter[tuple[str, ...]] = Counter()
    examples: dict[tuple[str, ...], str] = {}
    for result in results:
        for one in result["left"]:
            kind = one["kind"] if one["by"] != "titan-lint" else one["rule"]
            key = (one["by"], kind, result["tree"], result["torchtitan"], result["stage"])
            left[key] += 1
            first = one["message"].splitlines()[0].replace("|", "\\|")
            examples.setdefault(key, f"{one['file']}:{one['line']}: {first}")
    others = "\n".join(
        f"| {' | '.join(key)} | {count} | {examples[key]} |" for key, count in sorted(left.items())
    )
    return f"""\
<!-- Made by scripts/second_opinion.py --page; edits are lost. -->
# A second opinion

Is titan-lint right? One way to know is to ask somebody else: here is what {checkers}
{verb} of whole trees against the files of the real torchtitan, beside what titan-lint says. The
state is that of the tree: as it is, after `--fix`, or after `--fix --unsafe-fixes`.

A type checker knows nothing of titan-lint's catalogue, and reads the real package. Where both say the same of a
line, two independent tools agree. Where only one speaks, somebody has looked why: the reason is in the second table,
and what has none is listed in the third.

{recall(results)}

## In numbers

| column | what is counted |
|---|---|
| both (checker's), both (titan-lint's) | what both say, by the count of each |
| explained | what only one of them says, for one of the reasons below |
| unseen | what a type checker says, truly, and titan-lint cannot see in the way it works |
| only checker, only titan-lint | what only one of them says, for none of these reasons |
| not of types | titan-lint's errors and warnings on attention, flavors, values, defaults and names in strings, which no type checker looks at |

What counts, and what is one opinion, is told in `scripts/second_opinion.py`, which makes this page:

```console
python scripts/second_opinion.py TREE... --torchtitan 0.2.2 0.3.0 --json second.json
python scripts/second_opinion.py --page second.json
```

| tree | torchtitan | state | by | {" | ".join(COLUMNS)} |
|---|---|---|---|{"---|" * len(COLUMNS)}
{chr(10).join(rows)}

## What only one side says, and why

| by | reason | times |
|---|---|---|
{explained}

## What is left

| by | kind | tree | torchtitan | state | times | the first |
|---|---|---|---|---|---|---|
{others}
"""


COLUMNS = {
    "both (checker's)": "both: (ty|pyright)",
    "both (titan-lint's)": "both: titan-lint",
    "explained": "explained: ",
    "unseen": "unseen: ",
    "only checker": "only: (ty|pyright)",
    "only titan-lint": "only: titan-lint",
    "not of types": "no matter of types",
}
"""Columns of the page, and the counts that they sum up."""


def recall(results: list[dict[str, Any]]) -> str:
    """The sentences on how much of what one side rightly says of trees as they are the other says, too."""

    def sum_of(heading: str, by: str) -> int:
        return sum(
            n
            for result in results
            if result["stage"] == "as it is"
            for what, n in result["counts"].items()
            if re.match(f"{heading}: ({by})(:|$)", what)
        )

    of_theirs: list[str] = []
    for by in sorted({name for result in results for name in result["checkers"]}):
        seen = sum_of("both", by)
        real = seen + sum_of("unseen", by) + sum_of("only", by)
        of_theirs.append(f"{seen} of the {real} ({share(seen, real)}) that {by} reports")
    seen = sum_of("both", "titan-lint")
    ours = seen + sum_of("explained", "titan-lint") + sum_of("only", "titan-lint")
    days = sorted({result["day"] for result in results if "day" in result})
    return (
        f"Of the breaks of trees as they are that are real, those left below among them, titan-lint reports "
        f"{' and '.join(of_theirs)}; of the {ours} that titan-lint reports and a type checker could look at, "
        f"at least one of them reports {seen} ({share(seen, ours)}). "
        f"Run on {' and '.join(days)}."
    )


def share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "none"


def times(results: list[dict[str, Any]], reason: str) -> int:
    """How often an explanation was given."""
    return sum(
        count
        for result in results
        for what, count in result["counts"].items()
        if what.startswith(("explained: ", "unseen: ")) and what.endswith(f": {reason}")
    )


if __name__ == "__main__":
    main()
