"""What a library's API tells about what comes from it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Types(Protocol):
        """What the resolver asks of a library's API."""

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

        def origin(self, module: str, name: str) -> str | None:
            """The import path in the library of what a module of the project binds to a name; ``None`` if not certain.

            The module is named as the file's import names it; relative ones begin with dots.
            """
            ...

        def module(self, package: str, name: str) -> str | None:
            """An import path of the module ``name`` of a package that is named by dots first; ``None`` if not certain."""
            ...
