"""What stands around a use: guards that hold and guards that do not, care, tests, additions of one's own.

A surrounding takes a block (the import, where it is inside, and the use) and gives a block. Whether it
protects is not said here: the releases decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from titan_lint.api import bundle

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.agreement.forms import Text
    from tests.agreement.uses import Use


@dataclass
class Block:
    """A program's parts before it is put together.

    Attributes:
        use: What is used.
        text: How it is reached.
        lines: What uses it.
        release: The release that the program is written for.
        chance: What is drawn with.
    """

    use: Use
    text: Text
    lines: list[str]
    release: str
    chance: random.Random

    def all(self) -> list[str]:
        """Reaching and using in one block; nothing is left to stand on top."""
        lines = [*self.text.imports, *self.text.setup, *self.lines]
        self.text.imports, self.text.setup = [], []
        return lines

    def asked(self) -> str:
        """An expression that is true where the use fits; empty where there is none."""
        asks = [ask.replace("{x}", self.text.x) for ask in self.use.asks]
        return self.chance.choice(asks) if asks else ""


def _in(lines: list[str]) -> list[str]:
    return [f"    {line}" if line else "" for line in lines]


def nothing(block: Block) -> list[str]:
    return block.lines


def in_a_try(block: Block) -> list[str]:
    """Under ``try``, with the import or without, and an ``except`` that fits or does not."""
    lines = block.all() if block.chance.random() < 0.6 else block.lines
    error = block.chance.choice(
        [
            *("ImportError", "ImportError", "AttributeError", "TypeError", "ModuleNotFoundError"),
            *("(ImportError, AttributeError)", "(AttributeError, TypeError)", "Exception"),
            *("ValueError", "KeyError", "OSError", "ZeroDivisionError", "LookupError"),
        ]
    )
    handler = block.chance.choice(
        [["pass"], ["found = None"], ["print('not there')"], ["raise SystemExit(0)"], ["raise"]]
    )
    end = block.chance.choice([[], [], ["else:", "    print('there')"], ["finally:", "    pass"]])
    return ["try:", *_in(lines), f"except {error}:", *_in(handler), *end]


def suppressed(block: Block) -> list[str]:
    """Under ``contextlib.suppress``."""
    lines = block.all() if block.chance.random() < 0.5 else block.lines
    error = block.chance.choice(
        ["ImportError", "AttributeError", "TypeError", "Exception", "ZeroDivisionError"]
    )
    return [f"with contextlib.suppress({error}):", *_in(lines)]


def behind_a_probe(block: Block) -> list[str]:
    """Behind a question to torchtitan, answered rightly."""
    asked = block.asked()
    if not asked:
        return nothing(block)
    lines = block.lines
    if "find_spec" in asked:
        lines = block.all()
    elif "asked" in asked:
        lines = block.all()
        block.text.imports = [f"import {block.use.module} as asked"]
    return block.chance.choice(
        [
            [f"if {asked}:", *_in(lines)],
            [f"if not ({asked}):", "    pass", "else:", *_in(lines)],
            [f"HAS = {asked}", "if HAS:", *_in(lines)],
            [
                f"HAS = bool({asked})",
                "def run():",
                "    if not HAS:",
                "        return",
                *_in(lines),
                "",
                "run()",
            ],
            ["def has():", f"    return {asked}", "", "if has():", *_in(lines)],
            [f"if not ({asked}):", "    raise SystemExit(0)", *lines],
            [f"while {asked}:", *_in(lines), "    break"],
        ]
    )


def behind_the_opposite(block: Block) -> list[str]:
    """Behind the same question, answered the wrong way round."""
    asked = block.asked()
    if not asked or "find_spec" in asked or "(asked" in asked:
        return nothing(block)
    return block.chance.choice(
        [
            [f"if not ({asked}):", *_in(block.lines)],
            [f"HAS = {asked}", "if HAS:", "    pass", "else:", *_in(block.lines)],
        ]
    )


def behind_another_question(block: Block) -> list[str]:
    """Behind a question that has nothing to do with it."""
    asked = block.chance.choice(
        [
            "importlib.util.find_spec('torch') is not None",
            f"hasattr({block.text.x}, '__doc__')",
            "sys.version_info >= (3, 8)",
            "'torchtitan' in sys.modules",
            "os.environ.get('RANK') is None",
            "callable(print)",
        ]
    )
    lines = block.lines
    return block.chance.choice(
        [[f"if {asked}:", *_in(lines)], [f"OTHER = {asked}", "if OTHER:", *_in(lines)]]
    )


LATER = {"0.2.0": "0.2.1", "0.2.1": "0.2.2", "0.2.2": "0.3.0"}


def behind_a_version(block: Block) -> list[str]:
    """Behind a comparison of the version, which is true at the release that the program is for."""
    release = bundle.index()[block.release].version or block.release
    whole = block.chance.random() < 0.6
    lines = block.all() if whole else block.lines
    tests = [f">= Version('{release}')", f"== Version('{release}')"]
    if release in LATER:
        tests += [f"< Version('{LATER[release]}')", "< Version('0.3')"]
    else:
        tests += ["> Version('0.2.2')", ">= Version('0.3.0')"]
    test = block.chance.choice(tests)
    asked = f"Version(importlib.metadata.version('torchtitan')) {test}"
    block.text.imports.append("from packaging.version import Version")
    return block.chance.choice(
        [
            [f"if {asked}:", *_in(lines)],
            [f"NEW = {asked}", "if NEW:", *_in(lines)],
            [f"if not {asked}:", "    raise SystemExit(0)", *lines],
            ["def run():", f"    if not ({asked}):", "        return", *_in(lines), "", "run()"],
        ]
    )


def for_types_alone(block: Block) -> list[str]:
    """Imported for annotations, which nothing evaluates."""
    if block.use.kind not in ("name", "call, keyword", "member", "field, read"):
        return nothing(block)
    imports = block.all()[: -len(block.lines)]
    x = block.text.x
    block.text.imports = ["from __future__ import annotations", "from typing import TYPE_CHECKING"]
    return [
        "if TYPE_CHECKING:",
        *_in(imports),
        "",
        f"def use(thing: {x}) -> None:",
        "    pass",
        "",
        "use(None)",
    ]


def optional_import(block: Block) -> list[str]:
    """An import that may fail, with a name set to ``None``, and a use that asks, or does not."""
    first = block.text.x.partition(".")[0]
    imports = block.text.imports
    if len(imports) != 1 or block.text.setup or not imports[0].startswith(("import ", "from ")):
        return in_a_try(block)
    asks = block.chance.choice(
        [f"if {first} is not None:", f"if {first}:", f"if not ({first} is None):", ""]
    )
    block.text.imports = []
    head = ["try:", *_in(imports), "except ImportError:", f"    {first} = None"]
    return [*head, *([asks, *_in(block.lines)] if asks else block.lines)]


def flag_of_an_import(block: Block) -> list[str]:
    """A flag that says whether the import worked."""
    imports = [*block.text.imports, *block.text.setup]
    block.text.imports, block.text.setup = [], []
    head = ["try:", *_in(imports), "    HAS = True", "except ImportError:", "    HAS = False"]
    if block.chance.random() < 0.3:
        head = [
            "HAS = False",
            "try:",
            *_in(imports),
            "except ImportError:",
            "    pass",
            "else:",
            "    HAS = True",
        ]
    return [*head, "if HAS:", *_in(block.lines)]


def patched(block: Block) -> list[str]:
    """In a test that puts something in the place of a name."""
    module, name = block.use.module, block.use.name.partition(".")[0]
    if not name:
        return nothing(block)
    create = block.chance.choice(["", ", create=True", ", create=True"])
    lax = block.chance.choice(["", ", raising=False", ", raising=False"])
    owned, setting = [f"import {module} as owner"], "with pytest.MonkeyPatch.context() as patches:"
    forms: list[tuple[list[str], str]] = [
        ([], f"mock.patch('{module}.{name}'{create})"),
        ([], f"mock.patch('{module}.{name}'{create})"),
        ([], f"mock.patch('{module}.{name}', mock.MagicMock(){create})"),
        (owned, f"mock.patch.object(owner, '{name}'{create})"),
        ([], f"mock.patch.multiple('{module}', {name}=mock.MagicMock(){create})"),
        (owned, f"patches.setattr(owner, '{name}', mock.MagicMock(){lax})"),
        ([], f"patches.setattr('{module}.{name}', mock.MagicMock(){lax})"),
    ]
    head, call = block.chance.choice(forms)
    if call.startswith("patches"):
        return [*head, setting, *_in([call, *block.all()])]
    return [*head, *_under(block, call)]


def stubbed(block: Block) -> list[str]:
    """In a test that puts something in the place of a module."""
    module = block.use.module
    own = block.chance.choice(
        ["mock.MagicMock()", "mock.MagicMock()", f"types.ModuleType('{module}')"]
    )
    if block.chance.random() < 0.6:
        modules = block.chance.choice(["sys.modules", "'sys.modules'"])
        stubs = block.chance.choice([f"{{'{module}': {own}}}", f"dict([('{module}', {own})])"])
        return _under(block, f"mock.patch.dict({modules}, {stubs})")
    lines = block.all()
    return block.chance.choice(
        [
            [f"sys.modules['{module}'] = {own}", *lines],
            [f"stub = sys.modules['{module}'] = {own}", *lines],
            [f"sys.modules.update({{'{module}': {own}}})", *lines],
            [f"for name in ['{module}']:", f"    sys.modules[name] = {own}", *lines],
            [
                "with pytest.MonkeyPatch.context() as patches:",
                *_in([f"patches.setitem(sys.modules, '{module}', {own})", *lines]),
            ],
        ]
    )


def _under(block: Block, call: str) -> list[str]:
    """The whole block while a patch is in its place, as tests write that, or once it is no more."""
    kept = block.lines
    lines = block.all()
    test = ["class Test(unittest.TestCase):", "    def setUp(self):"]
    return block.chance.choice(
        [
            [f"with {call}:", *_in(lines)],
            [f"with {call} as found, contextlib.nullcontext():", *_in(lines)],
            [f"with {call}:", *_in(lines[: -len(kept)] or ["pass"]), *kept],
            [f"with {call}:", "    pass", *lines],
            [f"@{call}", "def run(*found):", *_in(lines), "", "run()"],
            [
                f"@{call}",
                "class Test:",
                "    def test_it(self, *found):",
                *_in(_in(lines)),
                "",
                "Test().test_it()",
            ],
            [
                "with contextlib.ExitStack() as stack:",
                *_in([f"stack.enter_context({call})", *lines]),
            ],
            [f"patcher = {call}", "patcher.start()", *lines],
            [f"patcher = {call}", "patcher.start()", "patcher.stop()", *lines],
            [f"{call}.start()", *lines],
            [
                "@contextlib.contextmanager",
                "def old():",
                f"    with {call}:",
                "        yield",
                "",
                "with old():",
                *_in(lines),
            ],
            ["def start():", f"    {call}.start()", "", "start()", *lines],
            [
                *test,
                *_in(
                    _in([f"patcher = {call}", "patcher.start()", "self.addCleanup(patcher.stop)"])
                ),
                "    def test_it(self):",
                *_in(_in(lines)),
                "",
                "Test('test_it').debug()",
            ],
            [
                *test,
                *_in(_in([f"self.enterContext({call})"])),
                "    def test_it(self):",
                *_in(_in(lines)),
                "",
                "Test('test_it').debug()",
            ],
        ]
    )


def brought_along(block: Block) -> list[str]:
    """The file puts the name there where it is missing."""
    module, name = block.use.module, block.use.name.partition(".")[0]
    if not name:
        return nothing(block)
    lines = block.all()
    own = block.chance.choice(
        [
            [f"if not hasattr(module, '{name}'):", f"    module.{name} = mock.MagicMock()"],
            [f"module.{name} = getattr(module, '{name}', mock.MagicMock())"],
            [f"setattr(module, '{name}', mock.MagicMock())"],
            [f"module.{name} = mock.MagicMock()"],
            [f"for name in ['{name}']:", "    setattr(module, name, mock.MagicMock())"],
        ]
    )
    return [f"import {module} as module", *own, *lines]


def own_member(block: Block) -> list[str]:
    """A class of one's own has the member."""
    use = block.use
    if use.kind not in ("member", "override", "field, read") or not use.words:
        return nothing(block)
    member = use.words[0]
    head = [
        f"class Mine({block.text.x}):",
        f"    def {member}(self, *_, **__):",
        "        return 1",
        "",
    ]
    return [*head, f"Mine.{member}"]


def asked_with_default(block: Block) -> list[str]:
    """``getattr(module, "Name", None)``."""
    module, name = block.use.module, block.use.name
    if not name or "." in name:
        return nothing(block)
    block.text.imports, block.text.setup = [f"import {module} as titan"], []
    lines = [line.replace(block.text.x, "found") for line in block.lines]
    test = block.chance.choice(["if found is not None:", "if found:", ""])
    head = [f"found = getattr(titan, '{name}', None)"]
    return [*head, *([test, *_in(lines)] if test else lines)]


def never_run(block: Block) -> list[str]:
    """Where nothing is ever run."""
    lines = block.all() if block.chance.random() < 0.5 else block.lines
    return block.chance.choice(
        [
            ["if False:", *_in(lines)],
            ["if 0:", *_in(lines)],
            ["def run():", "    return", *_in(lines), "", "run()"],
            ["raise SystemExit(0)", *lines],
            ["while False:", *_in(lines)],
        ]
    )


STUBBED = "stubbed"

SURROUNDINGS: dict[str, tuple[Callable[[Block], list[str]], int]] = {
    "": (nothing, 24),
    "try": (in_a_try, 8),
    "suppress": (suppressed, 2),
    "probe": (behind_a_probe, 8),
    "opposite probe": (behind_the_opposite, 2),
    "another question": (behind_another_question, 3),
    "version": (behind_a_version, 5),
    "types alone": (for_types_alone, 2),
    "optional import": (optional_import, 4),
    "flag of an import": (flag_of_an_import, 3),
    "patched": (patched, 2),
    STUBBED: (stubbed, 2),
    "brought along": (brought_along, 2),
    "own member": (own_member, 1),
    "getattr with default": (asked_with_default, 2),
    "never run": (never_run, 2),
}
MUTATING = ("patched", STUBBED, "brought along")
