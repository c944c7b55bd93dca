"""The names of an import statement: take some out, put some in, and move all to another module.

What is not laid out plainly is left to LibCST.
"""

from __future__ import annotations

import ast

from titan_lint.rewriting.edits import Refused
from titan_lint.rewriting.listing import Item, NotPlain, broken, names_of
from titan_lint.rewriting.loading import require_libcst
from titan_lint.rewriting.statements import indentation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from titan_lint.code.program import Program
    from titan_lint.rewriting.listing import Listing
    from titan_lint.rewriting.operations import MoveImport

    _Order = Callable[[str], tuple[bool | str, ...]]

Import = ast.Import | ast.ImportFrom


def with_names(
    program: Program,
    statement: Import,
    gone: Collection[ast.alias],
    names: Sequence[tuple[str, str | None]],
) -> str:
    """The text of an import without some of its names, and with others.

    Args:
        program: The file.
        statement: The import.
        gone: What goes, not all of it.
        names: What is put in where the order of the import wants it, each with what it is bound as.

    Raises:
        Refused: A comment stands beside a name that goes, or the import takes everything.
        Postponed: It takes LibCST, which this process is not to load.
    """
    try:
        return plainly_with_names(program, statement, gone, names)
    except NotPlain:
        require_libcst()
        from titan_lint.rewriting import cst_imports

        return cst_imports.with_names(program, statement, gone, names)


def moved(program: Program, operation: MoveImport) -> str:
    """The text of an import of which all names move, in its own layout.

    Raises:
        Refused: Two names become one, and a comment stands beside one of them.
        Postponed: It takes LibCST, which this process is not to load.
    """
    try:
        return plainly_moved(program, operation)
    except NotPlain:
        require_libcst()
        from titan_lint.rewriting import cst_imports

        return cst_imports.moved(program, operation)


def plainly_with_names(
    program: Program,
    statement: Import,
    gone: Collection[ast.alias],
    names: Sequence[tuple[str, str | None]],
) -> str:
    """As :func:`with_names`, without LibCST, to the same text.

    Raises:
        NotPlain: The import is not laid out plainly, or a comment is in the way.
    """
    listing = names_of(program, statement)
    is_kept = [alias not in gone for alias in statement.names]
    _keep(listing, is_kept)
    for name, asname in names:
        _insert(program, listing, Item(alias_text(name, asname), name))
    return listing.text()


def plainly_moved(program: Program, operation: MoveImport) -> str:
    """As :func:`moved`, without LibCST, to the same text.

    Raises:
        NotPlain: The import is not laid out plainly, or a comment is in the way.
    """
    statement = operation.statement
    listing = names_of(program, statement)
    entries = {entry.alias: entry for entry in operation.names}
    known: set[tuple[str, str | None]] = set()
    is_kept: list[bool] = []
    for alias, item in zip(statement.names, listing.items, strict=True):
        entry = entries[alias]
        bound = entry.asname if entry.asname != entry.name else None
        is_kept.append((entry.name, bound) not in known)
        known.add((entry.name, bound))
        if bound is not None and alias.asname == bound:
            # As it is written, white space included.
            item.text = entry.name + item.text.removeprefix(alias.name)
        elif "#" in item.text:
            raise NotPlain
        else:
            item.text = alias_text(entry.name, bound)
    _keep(listing, is_kept)
    origin = "." * statement.level + (statement.module or "")
    space, _, rest = listing.opening.removeprefix("from").partition(origin)
    if space.strip():
        raise NotPlain
    listing.opening = f"from{space}{operation.module}{rest}"
    return listing.text()


def _keep(listing: Listing, is_kept: Sequence[bool]) -> None:
    """Take names out, of which at least one stays; the last one ends as the last one did."""
    last = listing.items[-1]
    kept: list[Item] = []
    for index, (item, stays) in enumerate(zip(listing.items, is_kept, strict=True)):
        if stays:
            kept.append(item)
        elif _has_comment(item) or _has_comment_above(listing, index):
            raise NotPlain
    if kept[-1] is not last:
        if _has_comment(kept[-1]):
            raise NotPlain
        kept[-1].end_as(last)
    listing.items = kept


def _has_comment_above(listing: Listing, index: int) -> bool:
    """Whether lines of comment stand between a name and what is before it."""
    lines = broken(listing.lead_of(index))
    return lines is not None and "#" in lines.more


def _has_comment(item: Item) -> bool:
    return "#" in item.text or "#" in item.before or "#" in item.after


def _insert(program: Program, listing: Listing, new: Item) -> None:
    items = listing.items
    between = _between(listing)
    position = place(program, [item.name or "" for item in items], new.name or "")
    if position < len(items):
        if _has_comment_above(listing, position):
            raise NotPlain
        new.end("", True, between)
    elif _has_comment(items[-1]):
        raise NotPlain
    else:
        new.end_as(items[-1])
        items[-1].end("", True, between)
    items.insert(position, new)


def _between(listing: Listing) -> str:
    """The white space that separates the names of an import."""
    is_alone = len(listing.items) == 1
    space = listing.lead if is_alone else listing.items[0].after
    lines = broken(space)
    if lines is None:
        return " " if is_alone else space
    if not is_alone:
        return lines.newline + lines.last
    if "#" in space:
        raise NotPlain
    return space


def alias_text(name: str, asname: str | None) -> str:
    """A name as it is imported, with what it is bound as."""
    return f"{name} as {asname}" if asname and asname != name else name


def place(program: Program, names: list[str], name: str) -> int:
    """Where a name goes: in the import's own order, else the file's; last where it has none."""
    fitting = [key for key in _ORDERS if _sorted(names, key)]
    if not fitting:
        return len(names)
    others = [
        [alias.name for alias in node.names]
        for node in program.nodes
        if isinstance(node, ast.ImportFrom) and len(node.names) > 1
    ]
    key = max(fitting, key=lambda key: sum(_sorted(listed, key) for listed in others))
    return sum(key(n) < key(name) for n in names)


def _sorted(names: list[str], key: _Order) -> bool:
    keys = [key(name) for name in names]
    return keys == sorted(keys)


# How names of an import are sorted: without case (usort, which torchtitan uses and which is taken
# where the file does not tell), constants and classes first (isort, ruff), or as they are.
_ORDERS: tuple[_Order, ...] = (
    lambda name: (name.lower(),),
    lambda name: (not name.isupper(), not name[0].isupper(), name.lower()),
    lambda name: (name,),
)


def fitted(program: Program, statement: ast.stmt, code: str) -> str:
    """An import with a name a line, where it is too long for the file on one line.

    Raises:
        Refused: White space of another kind stands around ``import``.
    """
    source = program.source
    lead = indentation(source, statement.lineno)
    if "(" in code or len(lead) + len(code) <= _line_length(program):
        return code
    unit = "\t" if source.text.startswith("\t") or "\n\t" in source.text else "    "
    head, _, names = code.partition(" import ")
    if not names:
        raise Refused("the import is laid out in another way")
    end = source.line_ending
    lines = "".join(f"{lead}{unit}{name.strip()},{end}" for name in names.split(","))
    return f"{head} import ({end}{lines}{lead})"


_LINE_LENGTH = 88


def _line_length(program: Program) -> int:
    """How long a line of code may be: as long as the longest one that a formatter could break."""
    lines = program.source.text.splitlines()
    breakable = (len(line) for line in lines if not any(mark in line for mark in "#'\""))
    return max(_LINE_LENGTH, min(max(breakable, default=0), 2 * _LINE_LENGTH))
