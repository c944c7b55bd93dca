"""What is out of reach by design: each class with its reason, and with a test that is narrow.

A program counts for a class only where titan-lint and the release disagree on it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint.api import Class, Variable, bundle, external
from titan_lint.uses.members.classes import derived_have

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.agreement.oracle import Result
    from tests.agreement.programs import Program
    from tests.agreement.verdicts import Said


@dataclass(frozen=True)
class Case:
    """A disagreement.

    Attributes:
        program: The program.
        release: The release.
        result: What became of it on the release.
        said: What titan-lint says of it there.
        parts: For a project, what becomes of each other module on its own.
    """

    program: Program
    release: str
    result: Result
    said: Sequence[Said]
    parts: dict[str, Result]


@dataclass(frozen=True)
class OutOfReach:
    """A class of programs on which no agreement is asked for.

    Attributes:
        name: What it is called.
        reason: Why no reader of the file can know, or where it is documented as not seen.
        holds: Whether a case belongs to it.
    """

    name: str
    reason: str
    holds: Callable[[Case], bool]


DECLARING = (
    *("annotated", "annotated in text", "annotated object", "dataclass", "returning"),
    *("declared list", "declared dictionary"),
    *("if instance", "asserted instance", "no other instance"),
)
"""Places where a declaration or a test says what an instance is: of a class, or of one derived from it."""


def _fails_by_itself(case: Case) -> bool:
    """An error is about a module that cannot be imported on its own; the main module does without."""
    if not case.result.works:
        return False
    errors = [said for said in case.said if said.severity == "error"]
    return all(said.file in case.parts and not case.parts[said.file].works for said in errors)


def _from_another_file(case: Case) -> bool:
    """The other modules can be imported; what the main module does with what they hand on fails."""
    if case.result.works or not case.parts:
        return False
    return all(part.works for part in case.parts.values())


def _of_a_parameter(case: Case) -> bool:
    program = case.program
    return not case.result.works and (program.place == "handed over" or program.keep == "default")


def _not_asked(case: Case) -> bool:
    """What was imported or asked for with care is ``None``, and is used as if it were not."""
    use = case.program.use
    care = case.program.surrounding in ("optional import", "getattr with default")
    said = ("NoneType", "None does not have", "the first argument must be callable")
    # A program that derives from it asks for the member first, and ends there.
    derives = use.kind == "override" and (
        bundle.load(case.release).lookup(f"{use.module}.{use.name}") is None
    )
    is_none = derives or any(text in case.result.error for text in said)
    return not case.result.works and care and is_none


def _of_mains_version(case: Case) -> bool:
    """A comparison of the version stands before it, and the release is a point of main."""
    is_main = bundle.index()[case.release].kind == "main"
    return not case.result.works and is_main and case.program.surrounding == "version"


def _tested_for_a_probe(case: Case) -> bool:
    """A test asks for the class that a probe with a default gave, and so for the version."""
    program = case.program
    tested = program.place in ("if instance", "asserted instance", "no other instance")
    return not case.result.works and program.surrounding == "getattr with default" and tested


def _of_a_stand_in(case: Case) -> bool:
    """The program's own mock stands where a class is wanted, and Python refuses it."""
    own = case.program.surrounding in ("patched", "brought along")
    said = ("Mock", "should be called on dataclass instances", "isinstance() arg 2 must be a type")
    if case.result.works or not own:
        return False
    # A class that is derived from a mock is a mock of a text, which has no such member.
    use = case.program.use
    is_missing = bundle.load(case.release).lookup(f"{use.module}.{use.name}") is None
    lacks = is_missing and case.result.error.startswith("KeyboardInterrupt")
    return lacks or any(text in case.result.error for text in said)


def _may_be_derived(case: Case) -> bool:
    """An instance that is only declared to be of a class has no member, or no such one, that a derived class has."""
    program, error = case.program, case.result.error
    takes = program.use.kind.startswith("method") or program.use.kind == "field, replace"
    of_call = error.startswith("TypeError") and takes
    of_item = error.startswith("KeyError") and program.use.kind == "field, item"
    if case.result.works or not (error.startswith("AttributeError") or of_call or of_item):
        return False
    surface = bundle.load(case.release)
    used = f"{program.use.module}.{program.use.name}"
    found = [surface.lookup(path) for path in (used, *_named(program.main))]
    return program.place in DECLARING and any(
        isinstance(cls, Class) and derived_have(surface, cls.path, word)
        for cls in found
        for word in program.use.words
    )


def _of_several(case: Case) -> bool:
    """A field holds one of several classes, of which another one has the member."""
    if case.result.works or not case.result.error.startswith("AttributeError"):
        return False
    surface = bundle.load(case.release)
    config = surface.lookup("torchtitan.trainer.Trainer.Config")
    words = case.program.use.words
    held = [config.member(word) for word in words] if isinstance(config, Class) else []
    fields = [field for field in held if isinstance(field, Variable)]
    return any(
        derived_have(surface, cls, word)
        for field in fields
        for cls in (field.base, field.type)
        if cls is not None
        for word in words
    )


def _named(text: str) -> Iterator[str]:
    """The import paths that a file spells: what it imports, and what it reads off that."""
    tree = ast.parse(text)
    paths: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            paths |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            paths |= {one.asname: one.name for one in node.names if one.asname}
        else:
            match node:
                case ast.Assign(
                    targets=[ast.Name(id=name)],
                    value=ast.Call(
                        func=ast.Name(id="__import__" | "import_module")
                        | ast.Attribute(attr="import_module"),
                        args=[ast.Constant(value=str() as path), *_],
                    ),
                ):
                    paths[name] = path
                case _:
                    pass
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            yield f"{paths.get(first, first)}{dot}{rest}"


def _behind_a_flag(case: Case) -> bool:
    """A flag tells of a ``try`` that does more than import, whose failure it would tell of, too."""
    if case.result.works or case.program.surrounding != "flag of an import":
        return False
    tries = [node for node in ast.walk(ast.parse(case.program.main)) if isinstance(node, ast.Try)]
    return any(
        isinstance(part, ast.Call | ast.For | ast.With | ast.comprehension | ast.ClassDef)
        for node in tries
        for statement in node.body
        for part in ast.walk(statement)
    )


def _of_an_experiment(case: Case) -> bool:
    """The flavors of the spec of an experiment, which makes it of its own or of a model's."""
    use = case.program.use
    is_spec = use.kind == "flavor" and use.name == "get_train_spec"
    return not case.result.works and is_spec and use.module.startswith("torchtitan.experiments.")


def _is_broken(case: Case) -> bool:
    """The module that is used is there, and torchtitan's own code cannot be imported."""
    return not case.result.works and case.result.broken


def _bound_again(case: Case) -> bool:
    """A name that a star import may have brought is bound by the file, too."""
    program = case.program
    both = program.reach == "star" and program.surrounding == "optional import"
    return not case.result.works and both


def _below_a_file(case: Case) -> bool:
    """``find_spec`` looks for a module in one that is no package."""
    program = case.program
    asked = program.use.kind == "module" and "find_spec" in program.main
    return not case.result.works and asked and "__path__ attribute not found" in case.result.error


def _of_another_package(case: Case) -> bool:
    """A class inherits from one of another package, which may make a dataclass of it."""
    program, error = case.program, case.result.error
    said = ("must be called with a dataclass type", "unexpected keyword", "positional argument")
    asked = any(text in error for text in said)
    if case.result.works or not asked or not program.use.kind.startswith("field"):
        return False
    surface = bundle.load(case.release)
    used = f"{program.use.module}.{program.use.name}"
    # A fixed program may name it at another path.
    found = [surface.lookup(path) for path in (used, *_named(program.main))]
    return any(
        isinstance(cls, Class) and not {*cls.external_bases} <= {*external.known()} for cls in found
    )


def _of_no_dataclass(case: Case) -> bool:
    """What was a dataclass is none at the release, and is asked for its fields."""
    asked = "must be called with a dataclass type" in case.result.error
    return not case.result.works and asked and case.program.surrounding == "probe"


def _of_any_name(case: Case) -> bool:
    """A class of torchtitan's that answers for any name."""
    program = case.program
    if case.result.works or not case.result.error.startswith("AttributeError"):
        return False
    surface = bundle.load(case.release)
    paths = (f"{program.use.module}.{program.use.name}", *_named(program.main))
    # The class of a chain, too: `CompiledModule` of `CompiledModule.Config`.
    found = [surface.lookup(part) for path in paths for part in (path, path.rpartition(".")[0])]
    return any(isinstance(cls, Class) and bool(cls.dynamic) for cls in found)


def _of_torch(case: Case) -> bool:
    """A module without a ``forward`` of its own is called: torch's own raises."""
    error = case.result.error
    is_torchs = error.startswith("NotImplementedError: Module [") and '"forward" function' in error
    return not case.result.works and is_torchs


CLASSES = (
    OutOfReach(
        "a module that fails by itself",
        "The error is about another module of the project, which cannot be imported at that release. "
        "That the main module imports it with care does not mend it.",
        _fails_by_itself,
    ),
    OutOfReach(
        "what comes from another file",
        "What a name of another file of the project stands for is not seen (docs/not-seen.md).",
        _from_another_file,
    ),
    OutOfReach(
        "a parameter without annotation",
        "What a function is handed, or takes by default, is not followed from its callers "
        "(docs/not-seen.md).",
        _of_a_parameter,
    ),
    OutOfReach(
        "optional, and used without asking",
        "An import that may fail, or a probe with a default, counts as care: what follows is not "
        "said to meet `None`. An import of what has only moved is a warning (docs/not-seen.md).",
        _not_asked,
    ),
    OutOfReach(
        "behind a comparison of main's version",
        "main goes by the version of an old release, and whoever compares it may mean another one: what stands "
        "behind it is not said to fail (docs/not-seen.md).",
        _of_mains_version,
    ),
    OutOfReach(
        "behind a test for what a probe gave",
        "`isinstance(x, X)` with `X = getattr(module, 'X', None)` counts as a question for the version: what "
        "stands behind it is not said to fail (docs/not-seen.md).",
        _tested_for_a_probe,
    ),
    OutOfReach(
        "a stand-in of the program's own",
        "Where the target lacks a name, the program puts a mock there, and then asks more of it than "
        "a mock gives: a base class, an instance of a dataclass. What stand-ins give is not judged.",
        _of_a_stand_in,
    ),
    OutOfReach(
        "declared, and perhaps of a derived class",
        "What is only declared or tested to be of a class may be of one that torchtitan derives from it, "
        "and that one has the member, or takes other arguments (docs/not-seen.md).",
        _may_be_derived,
    ),
    OutOfReach(
        "a field of several classes",
        "`config.activation_checkpoint` of 0.3.0 holds the config of one of several kinds, `config.dataloader` that "
        "of any loader; a member that another of them has is not said to be missing (docs/not-seen.md).",
        _of_several,
    ),
    OutOfReach(
        "a flag of more than an import",
        "A flag that a `try` sets tells of all that it does; where that is more than to import and to "
        "keep, whether it works is not known (docs/not-seen.md).",
        _behind_a_flag,
    ),
    OutOfReach(
        "the spec of an experiment",
        "`get_train_spec().model_args` of an experiment may be a dictionary of its own or of a model; "
        "only that of a model's package is known (docs/not-seen.md).",
        _of_an_experiment,
    ),
    OutOfReach(
        "a module that torchtitan itself breaks",
        "It is there, and imports from another module of torchtitan what that does not have: "
        "`torchtitan.experiments.forge` of 0.2.2. An import of it that may fail is let be, and so is what "
        "runs only where it works; what follows is not said to meet `None`.",
        _is_broken,
    ),
    OutOfReach(
        "a base of another package",
        "`Float8Linear` of 0.3.0 derives from a class of torchao's. What that brings, and whether it is a "
        "dataclass, is not known (docs/not-seen.md).",
        _of_another_package,
    ),
    OutOfReach(
        "a dataclass no more",
        "`dataclasses.fields(X)` raises where `X` is none (docs/not-seen.md).",
        _of_no_dataclass,
    ),
    OutOfReach(
        "a class that answers for any name",
        "torchtitan gives it a `__getattr__`, or attributes by names that it computes: `CompiledModule` of "
        "graph_trainer. What it has, and its class, is not judged (docs/not-seen.md).",
        _of_any_name,
    ),
    OutOfReach(
        "the forward that torch gives every module",
        "A module that has none of its own inherits one that raises `NotImplementedError` "
        "(docs/not-seen.md).",
        _of_torch,
    ),
    OutOfReach(
        "a star import, and a name of one's own",
        "A name that the file binds anywhere is taken to be that, not what a star import may have "
        "brought before.",
        _bound_again,
    ),
    OutOfReach(
        "below a module that was a package",
        "`find_spec('a.b.c')` raises where `a.b` is a file by now, and gives `None` where it is a "
        "package without `c`: surfaces do not tell the two apart (docs/not-seen.md).",
        _below_a_file,
    ),
)


def class_of(case: Case) -> str:
    """The class that a disagreement belongs to; empty where it is none by design."""
    return next((known.name for known in CLASSES if known.holds(case)), "")
