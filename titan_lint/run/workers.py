"""Check files one after the other, or spread over processes where that pays."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from titan_lint.run.discover import ReadError, read
from titan_lint.run.one_file import check, failed
from titan_lint.run.replace import clean_up_after_writer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import DefaultContext, ForkContext
    from multiprocessing.process import BaseProcess
    from typing import Any

    from titan_lint.run.one_file import Job
    from titan_lint.run.outcome import FileOutcome
    from titan_lint.run.projects import Projects

    # A file that passed the screen: its path, the rules to run, its size in bytes, and its digest for
    # the cache, where there is one.
    Task = tuple[str, tuple[str, ...], int, str | None]


WORTH_SPREADING = 2_000_000
"""Bytes of source from which on a second process is worth the memory.

Each process holds what it asked of torchtitan's history, and what it parsed: of a plugin of 900 kB two take 248 MB
and 2.3 s, where one takes 137 MB and 3.2 s.
"""

_CHUNK = 8

_PATIENCE = 0.5
"""Seconds that a process may take to end when asked; a slow disk may hold one for longer."""

_COLLECTED = 200_000
"""Characters of source after which the garbage of what was parsed is collected."""

_KEPT = 1_500_000
"""As :data:`_COLLECTED`, of one project: what is known of it stays as long as its files are checked."""


def check_all(
    jobs: Mapping[str, Job], tasks: Sequence[Task], most: int | None
) -> Iterator[tuple[Task, FileOutcome]]:
    """Check files, in any order.

    Args:
        jobs: What to do with each of them, by path.
        tasks: The files.
        most: How many processes may be used; ``None`` for one a CPU, where the work is worth it.
    """
    count = min(most or _cpus(), len(tasks))
    if most is None and sum(size for _, _, size, _ in tasks) < WORTH_SPREADING:
        count = 1
    if count <= 1:
        with _Garbage() as garbage:
            for task in tasks:
                garbage.precede(task[0], jobs[task[0]].projects)
                yield task, _check(jobs, task)
    else:
        projects = jobs[tasks[0][0]].projects
        if any(job.fix for job in jobs.values()):
            # A process does not know what a file held that another one has written.
            projects.read(path for path, *_ in tasks)
        with _Pool(jobs, projects, tasks, count) as pool:
            yield from pool.outcomes()


def context() -> DefaultContext | ForkContext:
    """How processes are started: forked ones share all that is loaded; elsewhere they load it anew."""
    import multiprocessing

    can_fork = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return multiprocessing.get_context("fork" if can_fork else None)


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _check(jobs: Mapping[str, Job], task: Task) -> FileOutcome:
    path, codes, _, _ = task
    try:
        data = read(path)
    except ReadError as error:
        return failed(path, f"cannot be read: {error.message}")
    return check(jobs[path], path, data, codes)


class _Garbage:
    """Collects garbage between files, and not while syntax trees grow.

    Growing trees set off one collection after the other, each of which walks all that is alive: a
    third of the time that checking takes.
    """

    def __init__(self) -> None:
        self._collected_at = 0
        self._project: str | None = None
        self._is_frozen = False
        self._was_enabled = gc.isenabled()

    def __enter__(self) -> _Garbage:
        gc.disable()
        # What is alive already is no garbage of checking.
        gc.freeze()
        return self

    def precede(self, path: str, projects: Projects) -> None:
        """Collect the garbage of the files that were checked, if it is much, before the next one is.

        Args:
            path: The next one.
            projects: The files of the run, by project, which say how much was parsed.
        """
        project = projects.shared_root(path)
        goes_on = project is not None and project == self._project
        self._project = project
        is_left = self._is_frozen and not goes_on
        size = projects.parsed_size - self._collected_at
        if size <= (_KEPT if goes_on else _COLLECTED) and not is_left:
            return
        if not goes_on:
            projects.turn_to(path)
        if is_left:
            gc.unfreeze()
        gc.collect()
        # What is alive now stays: surfaces above all, which the next time is not spent on. Of a project, only as long
        # as that goes on.
        gc.freeze()
        self._is_frozen = goes_on
        self._collected_at = projects.parsed_size

    def __exit__(self, *error: object) -> None:
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()


class _Pool:
    """Processes that take a few files at a time.

    The standard pools hang, or give up on everything, when a process dies; here it costs the one file
    that it died of.
    """

    def __init__(
        self, jobs: Mapping[str, Job], projects: Projects, tasks: Sequence[Task], count: int
    ) -> None:
        self._context = context()
        self._jobs = jobs
        self._chunk = max(1, min(_CHUNK, len(tasks) // (4 * count)))
        self._waiting = _chunks(projects, tasks, self._chunk, count)[::-1]
        self._busy: dict[Connection, tuple[BaseProcess, Sequence[Task]]] = {}
        self._count = count

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *error: object) -> None:
        """Stop at once: after an interrupt there is nothing to wait for."""
        left = list(self._busy.values())
        for process, _ in left:
            process.terminate()
        for process, tasks in left:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()
                process.join()
            self._tidy(process, tasks)

    def _tidy(self, process: BaseProcess, tasks: Sequence[Task]) -> None:
        """Remove what a process that was killed has left of the file that it was writing."""
        if process.exitcode is not None and process.exitcode < 0:
            for path, *_ in tasks:
                clean_up_after_writer(path)

    def outcomes(self) -> Iterator[tuple[Task, FileOutcome]]:
        """Hand out the work, and yield what comes back."""
        from multiprocessing.connection import wait

        for _ in range(min(self._count, len(self._waiting))):
            self._start()
        while self._busy:
            ready: list[Any] = wait(list(self._busy))
            for connection in ready:
                process, tasks = self._busy[connection]
                try:
                    outcomes: list[FileOutcome] = connection.recv()
                except (EOFError, OSError):
                    yield from self._bury(connection, process, tasks)
                    continue
                yield from zip(tasks, outcomes, strict=True)
                self._hand_out(connection, process)

    def _start(self) -> None:
        connection, theirs = self._context.Pipe()
        # A forked process has this end, too; left open there, it would hide that we died.
        inherited = connection if self._context.get_start_method() == "fork" else None
        process = self._context.Process(
            target=_serve, args=(theirs, self._jobs, inherited), daemon=True
        )
        process.start()
        # Held open here, it would hide that the process died.
        theirs.close()
        self._hand_out(connection, process)

    def _hand_out(self, connection: Connection, process: BaseProcess) -> None:
        if not self._waiting:
            self._busy.pop(connection, None)
            _dismiss(connection, process)
            return
        tasks = self._waiting.pop()
        self._busy[connection] = process, tasks
        # If it died meanwhile, that shows when its answer is read.
        with contextlib.suppress(OSError):
            connection.send(tasks)

    def _bury(
        self, connection: Connection, process: BaseProcess, tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, FileOutcome]]:
        """Replace a process that died, and find out which file it was."""
        del self._busy[connection]
        connection.close()
        process.join()
        self._tidy(process, tasks)
        if len(tasks) > 1:
            self._waiting.extend([task] for task in tasks)
        else:
            how = f"exit status {process.exitcode}"
            yield (
                tasks[0],
                failed(tasks[0][0], f"the process that checked it died ({how}; out of memory?)"),
            )
        if self._waiting:
            self._start()


def _chunks(
    projects: Projects, tasks: Sequence[Task], most: int, count: int
) -> list[Sequence[Task]]:
    """Divide files into what is handed out at a time, large ones first.

    A large file at the end would be waited for alone. The files of a project stay together, since
    every process that has one of them reads them all; unless they are more than its share.

    Args:
        projects: Which files were written together.
        tasks: The files.
        most: How many files that have nothing to do with each other are handed out at a time.
        count: How many processes there are.
    """
    together: dict[str | None, list[Task]] = {}
    for task in sorted(tasks, key=_size, reverse=True):
        together.setdefault(projects.shared_root(task[0]), []).append(task)
    share = sum(map(_size, tasks)) // count
    chunks: list[Sequence[Task]] = []
    for root, files in together.items():
        if root is not None and sum(map(_size, files)) <= share:
            chunks.append(files)
        else:
            chunks += [files[at : at + most] for at in range(0, len(files), most)]
    return sorted(chunks, key=lambda chunk: sum(map(_size, chunk)), reverse=True)


def _size(task: Task) -> int:
    return task[2]


def _dismiss(connection: Connection, process: BaseProcess) -> None:
    """Let a process end that waits for work."""
    with contextlib.suppress(OSError):
        connection.send(())
    connection.close()
    process.join()


def _serve(connection: Connection, jobs: Mapping[str, Job], inherited: Connection | None) -> None:
    import signal

    if inherited is not None:
        inherited.close()

    # Ctrl-C reaches all processes of a terminal; the first one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # An exception instead of sudden death: what is being written is cleaned up.
    signal.signal(signal.SIGTERM, _exit)
    own = dict.fromkeys(rule for job in jobs.values() for rule in job.rules)
    if own:
        # A process that was not forked has none of them.
        from titan_lint.config.own_rules import load

        load(tuple(own))
    try:
        with _Garbage() as garbage:
            while tasks := connection.recv():
                outcomes: list[FileOutcome] = []
                for task in tasks:
                    garbage.precede(task[0], jobs[task[0]].projects)
                    outcomes.append(_check(jobs, task))
                connection.send(outcomes)
    except (EOFError, OSError):
        # The first process is gone.
        sys.exit(1)


def _exit(signal_number: int, frame: object) -> None:
    sys.exit(1)
