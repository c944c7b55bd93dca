"""The classes of a file: what they derive from, and what makes their attributes."""

from __future__ import annotations

from titan_lint.code.answers import Answers
from titan_lint.code.names import Binding, Kind
from titan_lint.code.rounds import Leans
from titan_lint.code.values import LocalClass, OwnClass, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.library import Modules, Types
    from titan_lint.code.names import ClassInfo
    from titan_lint.code.program import Program
    from titan_lint.code.values import Written


class Classes(Answers):
    """What expressions may be, and with it how the classes of the file stand to each other.

    Args:
        program: The file.
        types: The API that other files' classes are looked up in.
        modules: The modules of the file's own project; by default names of theirs stand for themselves.
    """

    def __init__(self, program: Program, types: Types, modules: Modules | None) -> None:
        super().__init__(program, Leans() if modules is None else modules.leans)
        self.modules = modules
        self.types = types
        # The bases of classes, and all the derived ones, once no open question bears on them.
        self._mros: dict[ClassInfo, tuple[ClassInfo, ...]] = {}
        self._heard_mros: set[ClassInfo] = set()
        self._all_derived: dict[ClassInfo, list[ClassInfo]] | None = None

    def attribute_bindings(
        self, info: ClassInfo, name: str, *, instance: bool = True, exact: bool = False
    ) -> list[Binding]:
        """All that can have made an attribute of a class or its instance, the classes of other files derived from it, too.

        Args:
            info: The class.
            name: The attribute.
            instance: Whether what is set on ``self`` counts.
            exact: Whether it is this very class, not one derived from it.
        """
        mro = self.local_mro(info)
        derived = [] if exact else self.relatives(info)[len(mro) :]
        found: list[Binding] = []
        if instance:
            for cls in (*mro, *derived):
                found += cls.attributes.get(name, ())
        nearest = next((c for c in mro if name in c.scope.bindings), None)
        for cls in (nearest, *derived):
            if cls is not None:
                found += cls.scope.bindings.get(name, ())
        if not exact and self.modules is not None and self.modules.hide(info, name):
            self.hear()
            place = self.bindings.imports[0] if isinstance(info, OwnClass) else info.node
            found.append(Binding(Kind.OPAQUE, place))
        return found

    def relatives(self, info: ClassInfo) -> list[ClassInfo]:
        """The class, its bases and then the classes derived from it, all of the same file."""
        return list(dict.fromkeys((*self.local_mro(info), *self._derived.get(info, ()))))

    def local_mro(self, info: ClassInfo) -> tuple[ClassInfo, ...]:
        """The class and its bases of the same file, nearest first."""
        if isinstance(info, OwnClass):
            return (info,)
        known = self._mros.get(info)
        if known is not None:
            if info in self._heard_mros:
                self.hear()
            return known
        hearings = self._rounds.hearings
        found = {info: None}
        todo = [info]
        is_final = True
        for cls in todo:
            for base in cls.node.bases:
                value = self.sole(base)
                is_final = is_final and (base in self.known or base in self.heard)
                if isinstance(value, LocalClass) and value.info not in found:
                    found[value.info] = None
                    todo.append(value.info)
        mro = tuple(found)
        if is_final:
            self._mros[info] = mro
            if hearings != self._rounds.hearings:
                self._heard_mros.add(info)
        return mro

    def written(self, info: ClassInfo) -> list[Written]:
        """The class and its bases of the project as their modules write them, nearest first.

        Each with what tells the one thing that an expression of its module is.
        """
        found: list[Written] = []
        for cls in self.local_mro(info):
            found += cls.written() if isinstance(cls, OwnClass) else [(cls, self.sole)]
        return found

    @property
    def _derived(self) -> dict[ClassInfo, list[ClassInfo]]:
        """Each class of the file with those of the file that derive from it, itself among them."""
        if self._all_derived is not None:
            if self._heard_mros:
                self.hear()
            return self._all_derived
        derived: dict[ClassInfo, list[ClassInfo]] = {}
        classes = self.bindings.classes.values()
        for other in classes:
            for cls in self.local_mro(other):
                derived.setdefault(cls, []).append(other)
        if len(self._mros) == len(classes):
            self._all_derived = derived
        return derived

    def foreign_bases(self, info: ClassInfo) -> list[str | None]:
        """Import paths of the bases that other files define; ``None`` for one that is not known."""
        return [base for cls in self.local_mro(info) for base in self.bases_outside(cls)]

    def is_enum(self, info: ClassInfo) -> bool:
        """Whether a class is built on one of :mod:`enum`'s."""
        return any(
            base is not None and base.startswith("enum.") for base in self.foreign_bases(info)
        )

    def bases_outside(self, cls: ClassInfo) -> list[str | None]:
        """As :meth:`foreign_bases`, of the class alone."""
        if isinstance(cls, OwnClass):
            return list(cls.bases)
        found: list[str | None] = []
        for base in cls.node.bases:
            value = self.sole(base)
            if isinstance(value, Ref):
                found.append(self.types.canonical(value.path))
            elif not isinstance(value, LocalClass):
                found.append(None)
        return found
