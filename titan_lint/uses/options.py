"""What the user asked for, as far as it decides on findings."""

from __future__ import annotations

from titan_lint.code.screen import configures_jobs, extends_jobs, reads_jobs
from titan_lint.structs import Struct, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from titan_lint.uses.era import Era
    from titan_lint.uses.neighbours import Neighbours
    from titan_lint.uses.own_modules import OwnModules
    from titan_lint.uses.readers import Readers


class Options(Struct, frozen=False):
    """What rules may ask of the settings.

    Attributes:
        legacy_guard: Put a start-up guard before rewritten registry calls.
        written_for: Index key of the version that the code was written for (``--from``).
        era: The versions that a whole tree was written for, where that is known; by default each
            file answers for itself.
        neighbours: The other files of the project; by default there are none.
        readers: The files that may import from the one in hand; by default there are none.
        modules: The modules of the project, asked for what their names stand for; by default nothing is known of them.
        around: Gives what the project does with jobs itself; by default nothing.
    """

    legacy_guard: bool = False
    written_for: str | None = None
    era: Era | None = field(default=None, repr=False, compare=False)
    neighbours: Neighbours | None = field(default=None, repr=False, compare=False)
    readers: Readers | None = field(default=None, repr=False, compare=False)
    modules: OwnModules | None = field(default=None, repr=False, compare=False)
    around: Callable[[], Around] = field(default=lambda: Around(), repr=False, compare=False)


class Around(Struct):
    """What a project does with jobs itself, which decides on what may stand in them and on command lines.

    Attributes:
        extends: Whether it has a ``JobConfig`` of its own, which a command line may name.
        reads: Whether it reads job configs itself.
        configures: Whether it has a ``Trainer.Config`` of its own, with options of its own.
        launches: Whether it has a ``run_train.sh`` of its own, which reads a TOML file's name from a variable.
        takes: Whether it has one that does something else with what it is given than to give it to torchtitan.
    """

    extends: bool = False
    reads: bool = False
    configures: bool = False
    launches: bool = False
    takes: bool = False

    def __or__(self, other: Around) -> Around:
        """What two parts of a project do."""
        return Around(
            self.extends or other.extends,
            self.reads or other.reads,
            self.configures or other.configures,
            self.launches or other.launches,
            self.takes or other.takes,
        )


def of_program(data: bytes) -> Around:
    """What a file of Python with these bytes does with jobs itself."""
    return Around(extends_jobs(data), reads_jobs(data), configures_jobs(data))
