"""Executes programs on one torchtitan: ``python worker.py SITE``, JSON lines in and out.

It imports torchtitan once and forks for each batch of programs, so that what one batch does to
torchtitan is not seen by the next. Requests, one a line:

``{"import": [module, ...]}``
    Import these; the answer is ``{"imported": [module, ...]}``, those that could be.
``{"programs": [program, ...], "jobs": N}``
    Run these, up to N batches at once; the answer is ``{"results": [result, ...]}`` in the same order.

A program is ``{"files": {module: text}, "main": module, "use": [module, name], "stop": [name, ...],
"alone": bool, "fresh": [module, ...]}``: ``alone`` has a process of its own, where ``fresh`` are no attributes of their packages. With
``stop``, a function of torchtitan with one of these names ends the program where its body would begin:
its arguments are bound by then. A result is ``{"outcome": ..., "error": ..., "missing": ..., "inner": bool,
"broken": bool}`` with an outcome of :data:`OUTCOMES`.

Nothing here is imported from titan-lint: this is what titan-lint is held against.
"""

from __future__ import annotations

import collections
import contextlib
import gc
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import select
import signal
import sys
import time
import traceback
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

OUTCOMES = ("works", "fails", "hangs", "dies")

BATCH = 40
PROGRAM_SECONDS = 20
SILENCE_SECONDS = 40

Job = dict[str, Any]
Result = dict[str, Any]


class Reached(BaseException):
    """The body of the function that the program calls begins."""


class TooLong(BaseException):
    """The program takes too long."""


PACKAGES = (
    *(
        "autoparallel",
        "cloudpickle",
        "deep_ep",
        "expecttest",
        "fla",
        "grain",
        "math_verify",
        "monarch",
        "renderers",
    ),
    *("torch_checkpointing", "torchao", "torchcomms", "torchstore", "torchvision", "transformers"),
    *("vllm", "webdataset"),
)
"""What modules of torchtitan import beside torch, to be stood in for where it is not installed."""


class StandInClass(type):
    """Makes stand-ins for the classes of packages that are not there; their attributes are others."""

    def __getattr__(cls, name: str) -> Any:
        """Give a stand-in for an attribute; what torchtitan derives has none beside its own."""
        if name.startswith("__") or not _is_stand_in(cls):
            raise AttributeError(name)
        return _stand_in(name, cls.__module__)

    def __setitem__(cls, key: object, value: object) -> None:
        """Take what is registered."""


def _is_stand_in(cls: type) -> bool:
    return isinstance(cls, StandInClass) and cls.__module__.partition(".")[0] in PACKAGES


def _stand_in(name: str, module: str) -> type:
    def give(self: object, *args: object, **kwargs: object) -> object:
        # A decorator leaves what it is given.
        return args[0] if args else None

    def subscript(cls: type, key: object) -> type:
        return cls

    return StandInClass(
        name,
        (),
        {
            "__module__": module,
            "__init__": lambda self, *args, **kwargs: None,  # pyright: ignore[reportUnknownLambdaType]
            "__call__": give,
            "__class_getitem__": classmethod(subscript),
        },
    )


class StandInModule(types.ModuleType):
    """A module of a package that is not there: whatever it is asked for is a class."""

    __version__ = "99.0"

    def __getattr__(self, name: str) -> type:
        """Give a stand-in, the same each time."""
        if name.startswith("__"):
            raise AttributeError(name)
        made = _stand_in(name, self.__name__)
        setattr(self, name, made)
        return made


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules of :data:`PACKAGES`, after all that is installed."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Say that a module of such a package is there."""
        if name.partition(".")[0] not in PACKAGES:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """Make the stand-in."""
        return StandInModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run nothing."""


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of one program."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Say where a module of the program comes from."""
        if name not in self._files:
            return None
        has_modules = any(other.startswith(f"{name}.") for other in self._files)
        return importlib.machinery.ModuleSpec(name, self, is_package=has_modules)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        """Leave making the module to Python."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Run a module of the program."""
        name = module.__name__
        exec(compile(self._files[name], f"<{name}>", "exec", dont_inherit=True), vars(module))


def execute(job: Job, package: str) -> Result:
    """Run one program in this process."""
    files: dict[str, str] = job["files"]
    finder = Finder(files)
    sys.meta_path.insert(0, finder)
    stops = frozenset(job["stop"])
    own = frozenset(f"<{name}>" for name in files)

    def trace(frame: types.FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name in stops and code.co_filename.startswith(package):
            if _is_imported(frame, own):
                return
            sys.settrace(None)
            raise Reached

    for name in job["fresh"]:
        # As in a process that has not imported it.
        parent, _, last = name.rpartition(".")
        vars(sys.modules.get(parent, sys)).pop(last, None)
    signal.alarm(PROGRAM_SECONDS)
    try:
        if stops:
            sys.settrace(trace)
        importlib.import_module(job["main"])
    except (Reached, SystemExit):
        result: Result = {"outcome": "works"}
    except TooLong:
        result = {"outcome": "hangs"}
    except BaseException as error:
        sys.settrace(None)
        result = _failed(error, files, package, stops)
        _forget_what_is_left()
        module, name = job["use"]
        result["broken"] = _is_broken(module, package)
        if not result["missing"] and not result["broken"]:
            result["missing"] = _wanted(module, name, error)
    else:
        result = {"outcome": "works"}
    finally:
        sys.settrace(None)
        signal.alarm(0)
        sys.meta_path.remove(finder)
        for name in files:
            sys.modules.pop(name, None)
        _forget_what_is_left()
    return result


def _is_imported(frame: types.FrameType, own: frozenset[str]) -> bool:
    """Whether a call comes from a module that is being imported, rather than from the program."""
    above = frame.f_back
    while above is not None and above.f_code.co_filename not in own:
        if "importlib" in above.f_code.co_filename:
            return True
        above = above.f_back
    return False


def _failed(
    error: BaseException, files: dict[str, str], package: str, stops: frozenset[str]
) -> Result:
    if type(error).__name__ in ("Skipped",):
        return {"outcome": "works"}
    frames = traceback.extract_tb(error.__traceback__)
    own = {f"<{name}>" for name in files}
    last = max((n for n, frame in enumerate(frames) if frame.filename in own), default=-1)
    # Whether it is torchtitan's own code that fails, its modules' bodies among it, or what it inherits.
    inner = any(
        frame.filename.startswith(package) or frame.name in stops for frame in frames[last + 1 :]
    )
    missing = _lacking(error, files)
    text = f"{type(error).__name__}: {error}"
    return {"outcome": "fails", "error": text[:300], "missing": missing, "inner": inner}


def _is_broken(path: str, package: str) -> bool:
    """Whether a module is there, and asks torchtitan itself for what is not."""
    try:
        _import(path)
    except ImportError as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = any(frame.filename.startswith(package) for frame in frames)
        return own and not _lacking(error, ())
    except BaseException:
        return False
    return False


# What a member that is not there raises, a program's own question for it among that.
_LACKS = (AttributeError, KeyboardInterrupt)


def _wanted(path: str, name: str, error: BaseException) -> str:
    """What another package brings, and what failed rests on; empty where it rests on none."""
    try:
        module = _import(path)
    except ImportError as failure:
        return _lacking(failure, ())
    except BaseException as failure:
        return f"{type(failure).__name__}: {failure}"  # more than a stand-in gives
    found = getattr(module, name.partition(".")[0], "")
    # Without its package, torchtitan sets such a name to None.
    if found is None and name[:1].isupper():
        return name
    # A class that is built on a stand-in may have what the real one has.
    above = found.__mro__ if isinstance(found, type) and isinstance(error, _LACKS) else ()
    return next((cls.__module__ for cls in above if _is_stand_in(cls)), "")


def _lacking(error: BaseException, own: Iterable[str]) -> str:
    """The module that is not there behind an error, but for torchtitan's and the program's own."""
    root: BaseException | None = error
    missing = ""
    seen: set[int] = set()
    while root is not None and id(root) not in seen:
        seen.add(id(root))
        if isinstance(root, ModuleNotFoundError) and root.name:
            if root.name.partition(".")[0] not in ("torchtitan", *own):
                missing = root.name
        if "dummy base class" in str(root):
            missing = "a torch that was built for GPUs"
        root = root.__cause__ or root.__context__
    return missing


def run_batch(jobs: list[Job], package: str, out: int) -> None:
    """Run programs one after the other in this process, and write a line for each."""
    for job in jobs:
        result = execute(job, package)
        os.write(out, json.dumps(result).encode() + b"\n")


class Batch:
    """A running batch."""

    def __init__(self, numbers: list[int], jobs: list[Job], package: str) -> None:
        self.numbers = numbers
        read, write = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                os.close(read)
                run_batch([jobs[n] for n in numbers], package, write)
            finally:
                os._exit(0)
        os.close(write)
        self.fd = read
        self.text = b""
        self.heard = time.monotonic()


def run_all(jobs: list[Job], at_once: int, package: str) -> list[Result]:
    """Run programs in forked processes; a result for each."""
    results: list[Result] = [{} for _ in jobs]
    waiting: collections.deque[list[int]] = collections.deque()
    shared = [n for n, job in enumerate(jobs) if not job["alone"]]
    waiting += [shared[n : n + BATCH] for n in range(0, len(shared), BATCH)]
    waiting += [[n] for n, job in enumerate(jobs) if job["alone"]]
    running: dict[int, Batch] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            batch = Batch(waiting.popleft(), jobs, package)
            running[batch.fd] = batch
        ready, _, _ = select.select(list(running), [], [], 1.0)
        now = time.monotonic()
        for batch in list(running.values()):
            if batch.fd in ready:
                text = os.read(batch.fd, 1 << 20)
                batch.heard = now
                batch.text += text
                if text:
                    continue
            elif now - batch.heard > SILENCE_SECONDS:
                os.kill(batch.pid, signal.SIGKILL)
                batch.heard = now
                continue
            else:
                continue
            os.close(batch.fd)
            os.waitpid(batch.pid, 0)
            del running[batch.fd]
            done = [json.loads(line) for line in batch.text.splitlines()]
            for number, result in zip(batch.numbers, done, strict=False):
                results[number] = result
            rest = batch.numbers[len(done) :]
            if rest:
                results[rest[0]] = {"outcome": "dies"}
                if rest[1:]:
                    waiting.append(rest[1:])
    return results


def import_all(names: list[str]) -> list[str]:
    """Import modules; those that could be."""
    done: list[str] = []
    gc.disable()
    for name in names:
        try:
            _import(name)
        except BaseException:
            continue
        done.append(name)
    gc.enable()
    # What is there stays: to look through it, every forked process would copy all of it.
    gc.freeze()
    return done


def _import(name: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except BaseException:
        _forget_what_is_left()
        raise


def _forget_what_is_left() -> None:
    """Forget the modules of a package that could not be imported; Python forgets the package alone.

    They would be found from now on, and their package would not have them: another error than the first.
    """
    # It is asked after every program; of all modules, few are torchtitan's.
    for name in sorted(name for name in sys.modules if name.startswith("torchtitan.")):
        if name.rpartition(".")[0] not in sys.modules:
            del sys.modules[name]


def _too_long(number: int, frame: object) -> None:
    raise TooLong


def main() -> None:
    """Answer requests until there are no more."""
    site = os.path.realpath(sys.argv[1])
    sys.path[0] = site
    sys.meta_path.append(StandIns())
    with contextlib.suppress(ImportError):
        importlib.import_module("PIL.Image")  # as torchvision does
    answers = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.signal(signal.SIGALRM, _too_long)
    package = f"{site}{os.sep}torchtitan{os.sep}"
    for line in sys.stdin:
        request = json.loads(line)
        if "import" in request:
            answer: dict[str, Any] = {"imported": import_all(request["import"])}
        else:
            answer = {"results": run_all(request["programs"], request["jobs"], package)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    # Taking apart all that was imported takes seconds, and nothing is left to be done.
    os._exit(0)


if __name__ == "__main__":
    main()
