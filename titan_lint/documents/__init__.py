"""Files that hold Python among other things: notebooks, Markdown and reStructuredText.

A document is read as a *page*, the text that findings point into, and as *blocks*, the programs on it. A
block is a :class:`~titan_lint.code.source.Source` like that of a file, which knows where on the page each of
its lines stands: what checks and fixes files checks and fixes blocks, and this room says where that is.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from titan_lint.code.source import Source
    from titan_lint.documents.document import Document

NOTEBOOK = ".ipynb"

SUFFIXES = (NOTEBOOK, ".md", ".markdown", ".rst")


def is_document(path: str) -> bool:
    """Whether a file is read as a document, told from its name."""
    return path.endswith(SUFFIXES)


def read(path: str, data: bytes) -> Document:
    """Read a document.

    Args:
        path: How it is named in messages.
        data: What the file holds.

    Raises:
        SourceError: It is not UTF-8, or no notebook though it is called one.
    """
    from titan_lint.documents.document import Document, decoded

    if path.endswith(NOTEBOOK):
        from titan_lint.documents.notebook import read_notebook as reader
    elif path.endswith(".rst"):
        from titan_lint.documents.prose import read_rst as reader
    else:
        from titan_lint.documents.prose import read_markdown as reader
    return Document(decoded(path, data), reader)


def page(path: str, data: bytes) -> Source:
    """What findings in a file point into: the text of a program, the page of a document.

    Raises:
        SourceError: It cannot be read as what it is called.
    """
    from titan_lint.code.source import Source

    return read(path, data).page if is_document(path) else Source.decode(path, data)
