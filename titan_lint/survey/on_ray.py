"""A survey on a Ray cluster: a task a repository."""

from __future__ import annotations

import importlib
import multiprocessing
from typing import TYPE_CHECKING, Any

from titan_lint.survey.pool import PRELOAD, alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from titan_lint.survey.question import A, Question
    from titan_lint.survey.repositories import Repository

_RETRIES = 3
"""How often a task is begun again whose worker or node was lost."""


class RayError(Exception):
    """There is no Ray, or no such cluster; the message is one clear sentence."""


def survey(
    repositories: Iterable[Repository],
    question: Question[A],
    *,
    address: str | None,
    seconds: float,
) -> Iterator[A]:
    """Ask repositories, and yield what they answer as it comes.

    Every node has titan-lint installed, and finds paths of repositories, of the cache and of torchtitans
    under the same names.

    Args:
        repositories: The repositories.
        question: What is asked of each.
        address: The cluster, as ``ray.init`` takes it: ``local`` for a new one on this machine.
        seconds: How long one repository may take.

    Raises:
        RayError: There is no Ray, or no such cluster.
    """
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError as error:
        raise RayError("Ray is not installed; `pip install 'titan-lint[ray]'` brings it") from error
    began = not ray.is_initialized()
    if began:
        try:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise RayError(f"no Ray cluster answers at {address}: {error}") from error
    try:
        task = ray.remote(max_retries=_RETRIES)(_examined)
        asked = ray.put(question)
        waiting = iter(repositories)
        pending: dict[Any, Repository] = {}
        while True:
            # As many as can run, and as many again that are ready to; the cluster may grow meanwhile.
            room = 2 * max(1, int(ray.cluster_resources().get("CPU", 1)))
            while len(pending) < room and (repository := next(waiting, None)) is not None:
                pending[task.remote(repository, asked, seconds)] = repository
            if not pending:
                return
            done, _ = ray.wait(list(pending), num_returns=1)
            for reference in done:
                repository = pending.pop(reference)
                try:
                    answer: A = ray.get(reference)
                except ray.exceptions.RayError as error:
                    failure = f"Ray lost it {_RETRIES + 1} times ({type(error).__name__})"
                    answer = question.failed(repository, failure)
                yield answer
    finally:
        if began:
            ray.shutdown()


def _examined(repository: Repository, question: Question[A], seconds: float) -> A:
    # A worker of Ray has threads, which a forked process would not survive.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    return alone(repository, question, seconds=seconds, context=context)
