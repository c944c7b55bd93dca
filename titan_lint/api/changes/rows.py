"""The rows of the catalogue: one record type a kind of change, one file of ``data/`` each.

``old`` is the old form, as code has it that was written before the change; ``new`` is what to write
instead, and is missing where a row only explains. Paths are import paths; ``*`` in them stands for one
part or more. Values, defaults and annotations are the text of Python expressions, as ``repr`` writes
them: ``"'default'"`` is a string, ``"None"`` is ``None``.

Where the new form of a call or an import is more than another name, ``reshape`` names the module of
:mod:`titan_lint.fixes.calls` that writes it, and the record that ``new`` has to be.
"""

from __future__ import annotations

from titan_lint.finding import Applicability  # noqa: TC001 - records are read by their annotations
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar


class Change(Struct, eq=False):
    """What all rows have.

    Attributes:
        id: What the change is called, such as ``C8``; several rows may be about one change.
        commit: The commit that made the change, its first nine digits: the row's source.
        day: The day from which main has it, ISO 8601.
        old: The old form.
        new: What to write instead.
        applicability: Whether the rewrite is safe; left out where the row only explains, and where the
            module that writes it tells from the code.
        note: One sentence for the message and the documentation, without a full stop.
        reshape: The module of ``titan_lint.fixes.calls`` that writes the new form.
        repository: What messages call the repository that the commit is in.
    """

    file: ClassVar[str]
    """The name of the file with the rows, without ``.json``."""
    reshapes: ClassVar[Mapping[str, type[Struct] | None]] = {}
    """What ``reshape`` may be, and the record of ``new`` for it; ``None`` where there is none."""

    id: str
    commit: str
    day: str
    old: Struct
    new: Struct | None
    applicability: Applicability | None = None
    note: str = ""
    reshape: str | None = None
    repository: str = "torchtitan"


# What was imported.


class OldPaths(Struct):
    """Something that was importable.

    Attributes:
        paths: The import paths of one thing that are gone, of a module, a class, a function or a value.
    """

    paths: tuple[str, ...]


class NewPath(Struct):
    """The same thing where it lives now.

    Attributes:
        path: Its import path.
    """

    path: str


class ImportChange(Change):
    """An import path that is gone.

    Attributes:
        old: The paths.
        new: Where the same thing lives now.
    """

    file: ClassVar[str] = "imports"
    reshapes: ClassVar[Mapping[str, type[Struct] | None]] = {"train_spec": None}

    old: OldPaths
    new: NewPath | None = None


class OldMember(Struct):
    """Something that instances of classes had.

    Attributes:
        classes: Import paths of the classes; those that inherit from them are meant, too.
        names: The attributes or methods that are gone.
        was: The class that had them, where another one has taken its place.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    was: str | None = None


class NewMember(Struct):
    """What to write instead: one of ``name``, ``code`` and ``unwrap``.

    Attributes:
        name: The attribute that holds the same.
        code: An expression in which ``{owner}`` stands for the instance.
        needs: The attribute that the class must have for ``code`` to be right.
        unwrap: It was a context manager; its block does without.
    """

    name: str | None = None
    code: str | None = None
    needs: str | None = None
    unwrap: bool = False

    @property
    def needed(self) -> str | None:
        """The attribute that the class must have for the new form to be right; ``None`` for any class."""
        return self.name or self.needs


class AttributeChange(Change):
    """An attribute or method that instances lost.

    Attributes:
        old: The classes and what they had.
        new: What to write instead.
    """

    file: ClassVar[str] = "attributes"

    old: OldMember
    new: NewMember | None = None


# What was called.


class Called(Struct):
    """Something that is called.

    Attributes:
        of: Import paths of the functions, methods or classes; calls of what overrides them or inherits
            from them are meant, too.
    """

    of: tuple[str, ...]


class CallChange(Change):
    """A change of what calls may pass.

    Attributes:
        old: What is called, and how.
    """

    old: Called

    @property
    def needs(self) -> tuple[str, ...]:
        """What the target must have for the new form to be right: paths, or ``path:parameter``."""
        return ()


class OldKeywords(Called):
    """Keywords that calls passed.

    Attributes:
        keywords: The parameters that are gone.
        was: The class that had them, where another one has taken its place.
    """

    keywords: tuple[str, ...]
    was: str | None = None


class Rename(Struct):
    """The value under another keyword.

    Attributes:
        rename: The parameter that takes it.
        values: Where the value becomes another one: by its old text the strings to write, the first
            that the target allows.
        needs: What the target must have: paths, or ``path:parameter``.
    """

    rename: str
    values: dict[str, tuple[str, ...]] | None = None
    needs: tuple[str, ...] = ()


class Drop(Struct):
    """The call without the keyword.

    Attributes:
        drop: Texts of values with which leaving the argument out says the same, which is safe; ``*`` is
            any value. Others are dropped where the row has an ``applicability``, and are not calls.
        needs: What the target must have: paths, or ``path:parameter``.
    """

    drop: tuple[str, ...]
    needs: tuple[str, ...] = ()


class MoveKeyword(Struct):
    """The keyword at the call of another class.

    Attributes:
        needs: What the target must have: paths, or ``path:parameter``.
        to: Import path of the class that takes the keyword now.
        drop: Texts of values with which leaving the argument out says the same.
        beside: By other parameters of the class that takes it the literal without which it is refused there: what that
            parameter is given, or has among what it is given.
    """

    needs: tuple[str, ...]
    to: str
    drop: tuple[str, ...]
    beside: dict[str, str] | None = None


class ParamGroups(Struct):
    """An optimizer's keywords as its one parameter group.

    Attributes:
        import_: Import path of the group's class.
        needs: What the target must have: paths, or ``path:parameter``.
        defaults: The text to write for each old keyword that is not passed.
        function: Import path of a function that makes the whole config with these defaults, of the
            optimizer that is the default, where there is one.
    """

    import_: str
    needs: tuple[str, ...]
    defaults: dict[str, str]
    function: str = ""


class KeywordChange(CallChange):
    """Keywords that a call can no longer pass.

    Attributes:
        old: What is called, and the keywords.
        new: What to write instead.
    """

    file: ClassVar[str] = "keywords"
    reshapes: ClassVar[Mapping[str, type[Struct] | None]] = {
        "rename": Rename,
        "drop": Drop,
        "move_keyword": MoveKeyword,
        "param_groups": ParamGroups,
    }

    old: OldKeywords
    new: Rename | Drop | MoveKeyword | ParamGroups | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """What the target must have for the new form to be right: paths, or ``path:parameter``."""
        return self.new.needs if self.new is not None else ()

    @property
    def rename(self) -> str | None:
        """The parameter that takes the same value; ``None`` where the row has another new form."""
        return self.new.rename if isinstance(self.new, Rename) else None


class Policy(Struct):
    """One of the classes that stand for a class with a mode.

    Attributes:
        name: Its name in the new module.
        keeps: The old keywords that it takes, each with its name now.
    """

    name: str
    keeps: dict[str, str]


class Checkpointing(Struct):
    """A class for each mode.

    Attributes:
        needs: What the target must have: paths, or ``path:parameter``.
        module: Import path of the module that has the classes.
        default: The mode of a call that passes none.
        policies: By mode the class; ``null`` where ``None`` is passed in its place.
        harmless: By keyword the text of the value with which leaving it out says the same.
    """

    needs: tuple[str, ...]
    module: str
    default: str
    policies: dict[str, Policy | None]
    harmless: dict[str, str]


class ReplacedChange(CallChange):
    """A class that is gone, and whose calls are written otherwise.

    Attributes:
        old: The paths of the class.
        new: What to write instead.
    """

    file: ClassVar[str] = "replaced"
    reshapes: ClassVar[Mapping[str, type[Struct] | None]] = {"checkpointing": Checkpointing}

    old: Called
    new: Checkpointing

    @property
    def needs(self) -> tuple[str, ...]:
        """What the target must have for the new form to be right: paths, or ``path:parameter``."""
        return self.new.needs


class OldWithout(Called):
    """A call that leaves out what is asked for now.

    Attributes:
        parameter: What it leaves out.
        default: The text of the parameter's default, where it has one and that does not work.
        given: The row is about calls that pass all of these.
    """

    parameter: str
    default: str | None = None
    given: tuple[str, ...] = ()


class Fill(Struct):
    """The call with a value for what it left out.

    Attributes:
        needs: What the target must have: paths, or ``path:parameter``.
        value: The text to pass, four spaces a level where it takes several lines.
        import_: Import path of the name that the text begins with.
    """

    needs: tuple[str, ...]
    value: str
    import_: str


class NameArgument(Struct):
    """The parameter's name before an argument that was passed by position.

    Attributes:
        position: The argument's position, from 0; it has to be the last one.
    """

    position: int


class RequiredChange(CallChange):
    """A parameter that has to be passed now.

    Attributes:
        old: What is called, and what the call leaves out.
        new: What to pass.
    """

    file: ClassVar[str] = "required"
    reshapes: ClassVar[Mapping[str, type[Struct] | None]] = {
        "fill": Fill,
        "name_argument": NameArgument,
    }

    old: OldWithout
    new: Fill | NameArgument | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """What the target must have for the new form to be right: paths, or ``path:parameter``."""
        return self.new.needs if isinstance(self.new, Fill) else ()


class OldDefault(Called):
    """A call that leaves a parameter to its default.

    Attributes:
        parameter: The parameter.
        where: By other parameters the texts that they must have for the change to matter; ``absent`` is
            a parameter that is not passed.
        means: What defaults come to, by their text, where that alone would mislead; ``absent`` is a
            signature without the parameter.
        read_by: What alone reads it, where that is not all that the object is given to: import paths of
            classes, with those that inherit from them and what makes their configs, and of functions.
    """

    parameter: str
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    means: dict[str, str] = field(default_factory=dict)
    read_by: tuple[str, ...] = ()


class DefaultChange(CallChange):
    """A default that means something else now. There is no new form: the target's signature has it.

    Attributes:
        old: What is called, and the parameter.
    """

    file: ClassVar[str] = "defaults"

    old: OldDefault
    new: None = None


class OldValues(Called):
    """Values that a parameter took.

    Attributes:
        parameter: The parameter.
        values: Texts of the values.
    """

    parameter: str
    values: tuple[str, ...]


class NewValues(Struct):
    """The values in their place.

    Attributes:
        values: By the text of the old value the text to write; not of those that nothing stands for.
    """

    values: dict[str, str]


class ValueChange(CallChange):
    """A value that a parameter takes no more.

    Attributes:
        old: What is called, the parameter and its values.
        new: What to write instead.
    """

    file: ClassVar[str] = "values"

    old: OldValues
    new: NewValues | None = None


class OldPositional(Called):
    """Arguments that calls passed by position.

    Attributes:
        parameters: The parameters that they were for, where another one has their position now.
    """

    parameters: tuple[str, ...] = ()


class NewPositional(Struct):
    """What the positions are for now: ``parameters`` or ``drop``.

    Attributes:
        parameters: By old parameter the one that has its position.
        drop: The parameter that the first argument was for, where the call does without it.
    """

    parameters: dict[str, str] = field(default_factory=dict[str, str])
    drop: str | None = None


class PositionalChange(CallChange):
    """A position that is another parameter's now, or none's.

    Attributes:
        old: What is called, and the parameters.
        new: What to write instead.
    """

    file: ClassVar[str] = "positional"

    old: OldPositional
    new: NewPositional | None = None


# What is named in strings.


class OldNames(Struct):
    """Names of parameters or modules of a model.

    Attributes:
        class_: Import path of the class that had the member.
        member: The attribute that the names are of.
        words: A string is looked at where it has one of these as a word of its own.
        names: Names that it gave, as examples that a pattern may meet.
        models: The packages of ``torchtitan.models`` that are meant; all where it is left out.
    """

    class_: str
    member: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    models: tuple[str, ...] | None = None


class NewNames(Struct):
    """The names in their place.

    Attributes:
        member: The attribute that the class must have.
        names: Names that it gives, as examples.
        name: What the message calls it.
    """

    member: str
    names: tuple[str, ...]
    name: str


class FqnChange(Change):
    """Fully qualified names of parameters or modules that models have no more.

    Attributes:
        old: The names, and the class that had them.
        new: The names in their place.
    """

    file: ClassVar[str] = "fqns"

    old: OldNames
    new: NewNames | None = None


class OldFlavors(Struct):
    """Flavors of models.

    Attributes:
        of: The packages of the models.
        flavors: The flavors.
    """

    of: tuple[str, ...]
    flavors: tuple[str, ...]


class NewFlavors(Struct):
    """The flavors in their place.

    Attributes:
        flavors: By old flavor the one that is the same model.
    """

    flavors: dict[str, str]


class FlavorChange(Change):
    """A flavor that goes by another name.

    Attributes:
        old: The models and the flavors.
        new: The flavors in their place.
    """

    file: ClassVar[str] = "flavors"

    old: OldFlavors
    new: NewFlavors


KINDS: tuple[type[Change], ...] = (
    AttributeChange,
    DefaultChange,
    FlavorChange,
    FqnChange,
    ImportChange,
    KeywordChange,
    PositionalChange,
    ReplacedChange,
    RequiredChange,
    ValueChange,
)
"""All kinds, by the names of their files."""
