"""What a library's API tells about what comes from it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence
    from typing import Protocol

    from titan_lint.code.names import ClassInfo, FunctionNode
    from titan_lint.code.rounds import Leans
    from titan_lint.code.values import OwnClass, Values, Written

    class Types(Protocol):
        """What the resolver asks of a library's API."""

        @property
        def key(self) -> str:
            """What tells one API from another."""
            ...

        def canonical(self, path: str) -> str:
            """The path under which a re-exported thing is defined; ``path`` itself if not known."""
            ...

        def is_class(self, path: str) -> bool:
            """Whether ``path`` names a class."""
            ...

        def result(self, path: str) -> str | None:
            """The class of what calling the function, method or attribute ``path`` returns, ``None`` if not known."""
            ...

        def held_result(self, path: str, key: str | None) -> str | None:
            """The class of what calling an item of the dictionary ``path`` returns, ``None`` if not known.

            Without ``key`` that is any of its items.
            """
            ...

        def attribute(self, cls: str, name: str) -> str | None:
            """The class of an instance's attribute, ``None`` where it is not declared."""
            ...

        def derives(self, cls: str, base: str) -> bool:
            """Whether a class is another one, or derives from it."""
            ...

        def has_method(self, cls: str, name: str) -> bool:
            """Whether instances of ``cls`` have a method ``name``."""
            ...

        def has_member(self, module: str, name: str) -> bool | None:
            """Whether a module has a member ``name``; ``None`` for a module that is not known."""
            ...

    class Modules(Protocol):
        """What the resolver asks of the project that holds the file."""

        @property
        def leans(self) -> Leans:
            """Counts the answers of all files of the project that rest on something open."""
            ...

        def values(
            self, module: str, name: str, types: Types, *, starred: bool = False
        ) -> tuple[Values, Home] | None:
            """What a module of the project certainly binds to a name, and that module; ``None`` if not certain.

            The module is named as the file's import names it; relative ones begin with dots.

            Args:
                module: The module.
                name: The name.
                types: The library's API.
                starred: Whether it is asked by a star import, which brings public names alone.
            """
            ...

        def lacks(self, module: str, name: str) -> bool:
            """Whether a module of the project certainly has no such name."""
            ...

        def module(self, package: str, name: str) -> str | None:
            """An import path of the module ``name`` of a package that is named by dots first; ``None`` if not certain."""
            ...

        def give_stand_in(self, fixture: str, types: Types, module: str = "") -> bool | None:
            """Whether what a test gets as a fixture may be of none of the library's classes; ``None`` for no such fixture.

            Args:
                fixture: The name of the fixture.
                types: The library's API.
                module: The module that has it; by default any ``conftest.py`` above the file.
            """
            ...

        def hide(self, cls: ClassInfo, name: str) -> bool:
            """Whether another file may derive from a class, and bind an attribute in what it derives."""
            ...

    class Home(Protocol):
        """A module of a project, as others ask what it defines."""

        @property
        def path(self) -> str:
            """The module's file."""
            ...

        @property
        def dotted(self) -> str:
            """The import path of the module."""
            ...

        def names(self, info: ClassInfo) -> frozenset[str] | None:
            """The names that a class of the module binds with those that it derives from; ``None`` where it may bind any."""
            ...

        def written(self, info: ClassInfo) -> Sequence[Written]:
            """The class and its bases as they are written. See :meth:`titan_lint.code.classes.Classes.written`."""
            ...

        def bases(self, info: ClassInfo) -> Sequence[str | None]:
            """The import paths of what these derive from; ``None`` for one that is not known."""
            ...

        def attribute(self, info: ClassInfo, name: str, *, instance: bool) -> Values:
            """What an attribute of a class, or of an instance of that very class, may be."""
            ...

        def below(self, info: ClassInfo) -> Sequence[OwnClass]:
            """The classes of other modules that a class of the module derives from."""
            ...

        def is_known(self, info: ClassInfo, name: str, instance: bool) -> bool:
            """Whether an attribute has been asked for already."""
            ...

        def values(self, node: ast.expr) -> Values:
            """What an expression of the module may be."""
            ...

        def returned(self, function: FunctionNode) -> Values:
            """What a call of a function of the module returns."""
            ...
