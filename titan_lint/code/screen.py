"""Whether a file can trigger a rule at all, told from its bytes."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

# Every finding goes back to an import of torchtitan, or to a string that names it for a dynamic
# import; only TTN901 looks at comments instead.
TORCHTITAN = "torchtitan"
_TOKEN = TORCHTITAN.encode()
SUPPRESSION = "TTN901"
"""The rule about comments."""

_DIGITS = b"0123456789"


def may_match(data: bytes, codes: Collection[str], words: Collection[bytes] = ()) -> bool:
    """Whether any of the rules can have a finding in a file with these bytes.

    Args:
        data: The file's content.
        codes: The rules to run.
        words: What else a file may name in which rules of the user's own look.
    """
    return mentions_torchtitan(data, words) or (SUPPRESSION in codes and _has_code(data))


def mentions_torchtitan(data: bytes, words: Collection[bytes] = ()) -> bool:
    """Whether torchtitan, or one of some other words, is named anywhere in a file with these bytes."""
    return _TOKEN in data or any(word in data for word in words)


def _has_code(data: bytes) -> bool:
    """Whether ``TTN`` and a digit stand somewhere, as in a suppression; ``ATTN_MASK`` has none."""
    at = data.find(b"TTN")
    while at >= 0:
        if data[at + 3 : at + 4] and data[at + 3 : at + 4] in _DIGITS:
            return True
        at = data.find(b"TTN", at + 1)
    return False


SCRIPTS = (
    *(".sh", ".bash", ".slurm", ".sbatch", ".yaml", ".yml", ".mk"),
    *("Makefile", "Dockerfile", "Containerfile"),
    *(".json", ".code-workspace"),
)
"""What ends the names of files that may hold commands."""

BUILDS = ("Dockerfile.", "Containerfile.")
"""What begins the names of files with the commands of a build, whatever ends them: ``Dockerfile.cuda``."""

COMMANDS = "TTN504"
"""The rule about commands."""

JOBS = (".toml", *SCRIPTS)
"""What ends the names of files that may be job configs, or hold commands."""

_NO_BUILDS = (".py", ".pyi", ".pyw", ".ipynb", ".md", ".rst", ".toml")

_JOB_MARKS = (
    b"activation_checkpoint",
    b"batch_size",
    b"dump_folder",
    b"flavor",
    b"parallel_degree",
    b"hf_assets_path",
    b"lr_scheduler",
)


def is_script(path: str) -> bool:
    """Whether a file of this name may hold commands."""
    if path.endswith(SCRIPTS):
        return True
    name = path.rpartition(os.sep)[2]
    return name.startswith(BUILDS) and not name.endswith(_NO_BUILDS)


def is_any_json(path: str) -> bool:
    """Whether a file is JSON whose name does not say that it holds commands; most such files are data."""
    return path.endswith(".json") and not path.endswith(_EDITORS)


_EDITORS = ("launch.json", "tasks.json", "devcontainer.json", "package.json")


def is_for_jobs(path: str) -> bool:
    """Whether a file of this name may be a job config, or hold commands."""
    return path.endswith(JOBS) or is_script(path)


def may_be_job(path: str, data: bytes) -> bool:
    """Whether a file with these bytes can be a job config of torchtitan, or hold a command that starts a job."""
    if is_any_json(path):
        return any(mark in data for mark in _COMMANDED)
    if is_script(path):
        # What is named with variables does not stand there as one word.
        return any(mark in data for mark in _COMMANDED) or (
            _TOKEN in data and (b"train.py" in data or _runs_module(data))
        )
    return any(mark in data for mark in _JOB_MARKS)


def _runs_module(data: bytes) -> bool:
    """Whether ``-m`` stands somewhere, with which Python is told to run a module; ``token-mean`` is none."""
    at = data.find(b"-m")
    while at >= 0:
        after = data[at + 2 : at + 3]
        if not after.isalnum() and after != b"_":
            return True
        at = data.find(b"-m", at + 2)
    return False


def runs_launcher(data: bytes) -> bool:
    """Whether a file with these bytes may run ``run_train.sh``."""
    return LAUNCHER.encode() in data


def names_job(data: bytes) -> bool:
    """Whether a file with these bytes has a variable that named the job for ``run_train.sh`` as long as TOML was read."""
    return b"CONFIG_FILE" in data or b"TRAIN_FILE" in data


LAUNCHER = "run_train.sh"
"""The name of torchtitan's script that starts a training."""


def may_start_jobs(data: bytes) -> bool:
    """Whether a Python file with these bytes can start torchtitan's training, or read its options."""
    return any(mark in data for mark in _STARTS)


_COMMANDED = (b"torchtitan.train", b"torchtitan/train.py", b"run_train.sh")
_STARTS = (*_COMMANDED, b"ConfigManager")


def extends_jobs(data: bytes) -> bool:
    """Whether a Python file with these bytes can add keys to torchtitan's job configs."""
    return b"class JobConfig" in data


def configures_jobs(data: bytes) -> bool:
    """Whether a Python file with these bytes can add options to torchtitan's training."""
    return b"Trainer.Config)" in data


def reads_jobs(data: bytes) -> bool:
    """Whether a Python file with these bytes can read job configs as TOML itself."""
    return b"JobConfig" in data and (b"import toml" in data or b"from toml" in data)
