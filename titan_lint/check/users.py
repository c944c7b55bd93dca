"""Where a file uses something of torchtitan's, whatever it is called there."""

from __future__ import annotations

import ast
import functools

from titan_lint.api import Class, bundle, history
from titan_lint.api.changes import moves
from titan_lint.api.paths import expand
from titan_lint.code.values import Ref
from titan_lint.finding import Span
from titan_lint.structs import Struct
from titan_lint.uses.calls import sites
from titan_lint.uses.named import everything

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.api import Surface
    from titan_lint.uses.calls import Callee, Site
    from titan_lint.uses.file import File


class Use(Struct):
    """A place that uses what was asked for.

    Attributes:
        span: The place.
        path: The path by which it is reached there.
        certain: Whether it is nothing else, in any run.
    """

    span: Span
    path: str
    certain: bool


def uses(file: File, name: str, parameter: str = "") -> Iterator[Use]:
    """Where a file uses a thing of torchtitan's, or passes one of its parameters, ordered by place.

    A thing is the same by every path that the file's target has for it, and by those that it had before it moved.

    Args:
        file: The file.
        name: The path of a module, a class, a function, a member or a variable.
        parameter: The parameter, where the calls that pass it are asked for.
    """
    found = _passes(file, name, parameter) if parameter else _stands(file, name)
    yield from sorted(found, key=lambda use: (use.span.start, use.span.end))


def _stands(file: File, name: str) -> Iterator[Use]:
    for piece in everything(file):
        use = _use(file, name, piece.span, piece.paths)
        if use is not None:
            yield use
    for span, path in _overrides(file):
        use = _use(file, name, span, [path])
        if use is not None:
            yield use


def _overrides(file: File) -> Iterator[tuple[Span, str]]:
    """The methods of the file's classes that take the place of those of a torchtitan class."""
    for cls in file.program.of(ast.ClassDef):
        bases = [value for base in cls.bases for value in file.values(base)]
        for base in bases:
            if not isinstance(base, Ref):
                continue
            there = file.target.surface.lookup(base.path)
            if not isinstance(there, Class):
                continue
            for method in cls.body:
                if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                    path = f"{there.path}.{method.name}"
                    if file.target.surface.lookup(path) is not None:
                        yield _head(file, method), path


def _head(file: File, method: ast.FunctionDef | ast.AsyncFunctionDef) -> Span:
    """The name of a method, where it is defined."""
    start = file.program.span(method).start
    begin = file.program.source.text.index(method.name, start)
    return Span(begin, begin + len(method.name))


def _passes(file: File, name: str, parameter: str) -> Iterator[Use]:
    for site in file.once(sites):
        for node in _arguments(site, parameter):
            paths = [path for callee in site.callees for path in _paths(callee)[:1]]
            use = _use(file, name, file.program.span(node), paths)
            if use is not None:
                yield use


def _arguments(site: Site, parameter: str) -> Iterator[ast.AST]:
    """What a call passes as a parameter: a keyword, a key of what ``**`` brings, or an argument in its place."""
    arguments = site.arguments
    if parameter in arguments.keywords:
        yield arguments.keywords[parameter]
    elif parameter in arguments.spread:
        yield arguments.spread[parameter]
    for callee in site.callees[:1]:
        taken = zip(callee.function.positional, arguments.positional, strict=False)
        yield from (argument for known, argument in taken if known.name == parameter)


def _paths(callee: Callee) -> list[str]:
    """By which paths a callee is known, that of a class where one is made."""
    made = callee.cls.path if callee.cls is not None else ""
    method = ".".join(callee.method) if callee.method is not None else ""
    return [path for path in (made, method, callee.written, callee.path) if path]


def _use(file: File, name: str, span: Span, paths: Iterable[str]) -> Use | None:
    """The use at a place that stands for some paths; ``None`` where none is that of ``name``."""
    surface = file.target.surface
    known = [path for pattern in paths for path in expand(surface, pattern) or (pattern,)]
    mine = [path for path in known if _is_same(surface, path, name)]
    return Use(span, mine[0], len(mine) == len(known)) if mine else None


def _is_same(surface: Surface, path: str, name: str) -> bool:
    canonical = surface.resolve(path)
    if canonical is None:
        home = moves.home(surface, path)
        canonical = surface.resolve(home.path) if home is not None else None
    return path == name or (canonical or path) in _canonical(surface, name)


@functools.lru_cache(maxsize=256)
def _canonical(surface: Surface, name: str) -> frozenset[str]:
    """Where a torchtitan defines what is called ``name`` there, was before, or will be."""
    names = {name}
    for key in reversed(history.timeline()):
        latest = bundle.load(key)
        if latest.lookup(name) is not None:
            names.update(moves.origins(latest, name))
            break
    if surface.lookup(name) is None:
        home = moves.home(surface, name)
        names.update([home.path] if home is not None else [])
    return frozenset(surface.resolve(path) or path for path in names)
