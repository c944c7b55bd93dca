"""Checks of what is open, one at a time and in a thread of their own, so that messages are always heard."""

from __future__ import annotations

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

from titan_lint import library
from titan_lint.code.screen import mentions_torchtitan
from titan_lint.finding import FileError
from titan_lint.structs import Struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from titan_lint.library import Result, Session
    from titan_lint.server.documents import Document

    T = TypeVar("T")


class Checked(Struct):
    """What came of a document.

    Attributes:
        document: The document as it was checked.
        result: What was found.
    """

    document: Document
    result: Result


class Checks:
    """Checks documents when they are new, and anew when they change.

    A document that has changed meanwhile is not told of; a check that has not begun yet is left out. The
    others are checked anew once nothing has changed for a moment, since they may rest on the one that did.

    Args:
        tell: Is given what came of a document.

    Attributes:
        session: What these checks have in common.
    """

    def __init__(self, tell: Callable[[Checked], None]) -> None:
        self.session = library.Session()
        self._tell = tell
        # Nothing that titan-lint remembers is made for several threads.
        self._thread = ThreadPoolExecutor(1, "titan-lint")
        self._documents: dict[str, Document] = {}
        self._tasks: dict[str, asyncio.Task[Checked]] = {}
        self._again: asyncio.Task[None] | None = None
        self._unswept = 0
        self._is_swept = False

    def document(self, uri: str) -> Document | None:
        """The newest text of a document; ``None`` where it is not open."""
        return self._documents.get(uri)

    async def do(self, work: Callable[[], T]) -> T:
        """Have something done where checks are done, with the texts that are open by then."""

        def begin() -> T:
            documents = tuple(self._documents.values())
            self.session.opened = {d.path: d.text for d in documents if d.path is not None}
            return work()

        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, begin)
        finally:
            self._unswept += 1
            if self._unswept > _UNSWEPT:
                # Once who waits has been answered.
                loop.call_soon(self._sweep)

    def begin(self, document: Document) -> asyncio.Task[Checked]:
        """Check a document, in the place of what is going on with it."""
        self._end(document.uri)
        self._documents[document.uri] = document
        task = self._tasks[document.uri] = asyncio.create_task(self._check(document))
        return task

    def change(self, document: Document) -> None:
        """Check a document that is new or has changed, and in a while the others."""
        self.begin(document)
        self._check_again_after(_PAUSE, document.uri)

    def end(self, uri: str) -> None:
        """Forget a document, and check the others in a while: what lies on disk counts from now on."""
        self._end(uri)
        self._check_again_after(_PAUSE)

    def again(self) -> None:
        """Check all documents anew, since their surroundings have changed."""
        self._check_again_after(0)

    def _end(self, uri: str) -> None:
        self._documents.pop(uri, None)
        task = self._tasks.pop(uri, None)
        if task is not None:
            task.cancel()

    def _check_again_after(self, seconds: float, besides: str = "") -> None:
        if self._again is not None:
            self._again.cancel()
        self._again = asyncio.create_task(self._check_again(seconds, besides))

    async def of(self, uri: str) -> Checked | None:
        """What comes of the newest text of a document; ``None`` where it is not open."""
        while (task := self._tasks.get(uri)) is not None:
            await asyncio.wait([task])
            if self._tasks.get(uri) is task:
                return task.result()
        return None

    async def _check(self, document: Document) -> Checked:
        checked = await self.do(lambda: _checked(document, self.session))
        self._tell(checked)
        return checked

    async def _check_again(self, seconds: float, besides: str) -> None:
        await asyncio.sleep(seconds)
        # One after the other, for what is typed meanwhile to come first.
        for uri in list(self._tasks):
            checked = await self.of(uri) if uri != besides else None
            if checked is not None:
                await asyncio.wait([self.begin(checked.document)])
        self._sweep()

    def _sweep(self) -> None:
        """Have garbage collected: where files are checked, nobody else does."""
        self._unswept = 0
        self._thread.submit(self._collect)

    def _collect(self) -> None:
        gc.collect()
        if not self._is_swept:
            # Surfaces above all, which stay.
            self._is_swept = True
            gc.freeze()


_PAUSE = 0.3
"""Seconds without a change after which the other documents are checked anew."""

_UNSWEPT = 20
"""Checks and questions, of some 10 MB of garbage each, after which it is collected without waiting for a pause."""


def _checked(document: Document, session: Session) -> Checked:
    try:
        result = library.lint(document.text, document.path, session=session, force_exclude=True)
    except library.ConfigError as error:
        # What is wrong is no file's fault, and is told where somebody waits for findings.
        errors = (FileError(document.source.path, str(error)),)
        concerned = mentions_torchtitan(document.text.encode("utf-8", "surrogatepass"))
        result = library.Result(
            document.source.path, document.text, errors=errors if concerned else ()
        )
    return Checked(document, result)
