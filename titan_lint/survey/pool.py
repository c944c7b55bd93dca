"""A survey on one machine: a process for each repository, so that none can harm another."""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Generic, cast

from titan_lint.run import workers
from titan_lint.survey.examine import examine
from titan_lint.survey.question import A

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import DefaultContext, ForkContext, ForkServerContext
    from multiprocessing.process import BaseProcess

    from titan_lint.survey.question import Question
    from titan_lint.survey.repositories import Repository

    _Context = DefaultContext | ForkContext | ForkServerContext

PRELOAD = "titan_lint.survey.preload"
"""The module that a process imports before others are forked from it."""


def survey(
    repositories: Iterable[Repository], question: Question[A], *, jobs: int, seconds: float
) -> Iterator[A]:
    """Ask repositories, and yield what they answer as it comes.

    Args:
        repositories: The repositories.
        question: What is asked of each.
        jobs: How many are looked at at once.
        seconds: How long one may take; then it is a failure of its own.
    """
    started = workers.context()
    if started.get_start_method() == "fork":
        importlib.import_module(PRELOAD)
    waiting = iter(repositories)
    busy: dict[Connection, _Child[A]] = {}
    try:
        while True:
            while len(busy) < jobs and (repository := next(waiting, None)) is not None:
                child = _Child(started, repository, question, seconds)
                busy[child.connection] = child
            if not busy:
                return
            patience = max(0.0, min(child.deadline for child in busy.values()) - time.monotonic())
            ready = cast("list[Connection]", wait(list(busy), patience))
            late = [c for c, child in busy.items() if c not in ready and child.is_late]
            for connection in [*ready, *late]:
                yield busy.pop(connection).answer()
    finally:
        for child in busy.values():
            child.stop()


def alone(repository: Repository, question: Question[A], *, seconds: float, context: _Context) -> A:
    """The answer of one repository, made in a process of its own.

    Args:
        repository: The repository.
        question: What is asked of it.
        seconds: How long it may take.
        context: How processes are started.
    """
    child = _Child(context, repository, question, seconds)
    try:
        wait([child.connection], seconds)
        return child.answer()
    finally:
        child.stop()


class _Child(Generic[A]):
    """A process that looks at one repository."""

    def __init__(
        self, context: _Context, repository: Repository, question: Question[A], seconds: float
    ) -> None:
        self.connection, theirs = context.Pipe(duplex=False)
        self.deadline = time.monotonic() + seconds
        self._repository = repository
        self._question = question
        self._seconds = seconds
        self._process: BaseProcess = context.Process(
            target=_examine, args=(theirs, repository, question), daemon=True
        )
        self._process.start()
        # Held open here, it would hide that the process died.
        theirs.close()

    @property
    def is_late(self) -> bool:
        return time.monotonic() >= self.deadline

    def answer(self) -> A:
        """What came of it; the process is gone afterwards."""
        failure = ""
        try:
            if self.connection.poll():
                return cast("A", self.connection.recv())
            failure = f"took longer than {self._seconds:g} s"
        except (EOFError, OSError):
            self._process.join()
            failure = f"the process that looked at it died (exit status {self._process.exitcode}; out of memory?)"
        finally:
            self.stop()
        return self._question.failed(self._repository, failure)

    def stop(self) -> None:
        """End the process, and what it started."""
        self.connection.close()
        if self._process.is_alive() and self._process.pid is not None:
            if hasattr(os, "killpg"):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
        self._process.join()


def _end_with_parent() -> None:
    """End this process and what it started as soon as the one that waits for its answer is gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _examine(connection: Connection, repository: Repository, question: Question[A]) -> None:
    # What it starts, such as git, ends with it; Ctrl-C reaches only the process that decides.
    if hasattr(os, "setsid"):
        os.setsid()
        threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        answer = examine(repository, question)
    except Exception as error:
        failure = f"titan-lint failed: {type(error).__name__}: {error}"
        answer = question.failed(repository, failure)
    connection.send(answer)
    connection.close()
