"""More programs in which a safe fix has to keep a behaviour: the same hazards in other forms."""

from __future__ import annotations

LLAMA = "from torchtitan.models.llama3 import model_registry\nfrom observe import show\n\n\n"

CHOICE = """\
class Choice:
    attn_type = "flex"


CHOICE = Choice()


"""


ENUM = """\
import enum


class Kind(enum.Enum):
    FLEX = "flex"


KINDS = [Kind.FLEX]


"""


def _built(before: str, between: str, value: str, call: str, given: str = "") -> str:
    """A function that builds a model, does something, and sets the backend behind a guard."""
    return f"""\
{LLAMA}{before}
def build({given}):
    spec = model_registry("debugmodel")
    {between}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = {value}
    return spec


show({call})
"""


# A safe fix does what was meant, or is not made.
RIGHT: dict[str, tuple[str, ...]] = {
    "a choice that a function settles unseen is the settled one": (
        _built(
            CHOICE + "def settled(f):\n    CHOICE.attn_type = 'varlen'\n    return f\n\n",
            "@settled\n    def hook():\n        pass\n",
            "CHOICE.attn_type",
            "build()",
        ),
        _built(
            CHOICE,
            "best = max((1, 2), key=on_built)",
            "CHOICE.attn_type",
            "build(lambda _: setattr(CHOICE, 'attn_type', 'varlen') or 1)",
            "on_built",
        ),
        _built(
            CHOICE
            + "class Named:\n    def __repr__(self):\n        CHOICE.attn_type = 'varlen'\n"
            + "        return 'named'\n\n",
            "print([named], {'it': named})",
            "CHOICE.attn_type",
            "build(Named())",
            "named",
        ),
    ),
    "a choice that is set where an object goes is the one that was set": tuple(
        _built(CHOICE + made, f"held = {first}\n    {gone}", "CHOICE.attn_type", "build()")
        for made, first in (
            (
                "class Held:\n    def __del__(self):\n        CHOICE.attn_type = 'varlen'\n\n",
                "Held()",
            ),
            (
                "class Held:\n    def __del__(self):\n        CHOICE.attn_type = 'varlen'\n\n",
                "[Held()]",
            ),
            (
                "import weakref\n\n\nclass Plain:\n    pass\n\n\ndef made():\n    plain = Plain()\n"
                "    weakref.finalize(plain, setattr, CHOICE, 'attn_type', 'varlen')\n"
                "    return plain\n\n",
                "made()",
            ),
        )
        for gone in (
            "held = None",
            "del held",
            "def held():\n        pass",
            "for held in ():\n        pass\n    held = 1",
        )
    ),
    "what is put together of a choice is not passed": tuple(
        _built(
            "def known_as(kind):\n    return kind + 'x'\n\n\n",
            "",
            value,
            "build('flex')",
            "attn_type",
        ).replace(
            'spec = model_registry("debugmodel")',
            f'backend = {made}\n    known = attn_type == "flex"\n    spec = model_registry("debugmodel")',
        )
        for value, made in (
            ("backend", "attn_type + 'x'"),
            ("backend", "f'{attn_type}x'"),
            ("backend", "'%s_old' % attn_type"),
            ("backend", "attn_type * 2"),
            ("backend", "attn_type[:2]"),
            ("backend", "attn_type.upper()"),
            ("backend", "not attn_type"),
            ("backend", "known_as(attn_type)"),
        )
    ),
    "a choice that is added to is not passed": (
        _built("", "", "attn_type", "build('flex')", "attn_type").replace(
            "    spec = ", "    attn_type += 'x'\n    spec = ", 1
        ),
        _built(CHOICE, "", "CHOICE.attn_type", "build()").replace(
            "    spec = ", "    CHOICE.attn_type += 'x'\n    spec = ", 1
        ),
    ),
    "a choice that is set as a class is made, or an item asked for, is the one that was set": (
        _built(
            CHOICE
            + "class Named:\n    def __set_name__(self, owner, name):\n"
            + "        CHOICE.attn_type = 'varlen'\n\n\nNAMED = Named()\n\n",
            "class Holds:\n        it = NAMED\n",
            "CHOICE.attn_type",
            "build()",
        ),
        _built(
            "import collections\n\n\n"
            + CHOICE
            + "def made():\n    CHOICE.attn_type = 'varlen'\n\n\n"
            "MADE = collections.defaultdict(made)\n\n",
            "MADE['it']",
            "CHOICE.attn_type",
            "build()",
        ),
    ),
    "what may be no backend is not passed": (
        *(
            _built(made, "", "choice.attn_type", "build(Choice())", "choice: 'Choice'")
            for made in (
                "import dataclasses\n\n\n@dataclasses.dataclass\nclass Choice:\n"
                "    attn_type: str = dataclasses.field(default=None)\n\n",
                "import dataclasses\n\n\n@dataclasses.dataclass\nclass Choice:\n"
                "    attn_type: str = dataclasses.field(default_factory=lambda: 'sdpa')\n\n",
                "class Choice:\n    def __init__(self):\n        setattr(self, 'attn_type', 'sdpa')\n\n",
                "class Choice:\n    _kind = None\n\n    @property\n    def attn_type(self):\n"
                "        return self._kind\n\n",
            )
        ),
        *(
            _built(made, between, "attn_type", call, "attn_type")
            for made, between, call in (
                ("import functools\n\n", "", "functools.partial(build, None)()"),
                ("", "", "[*map(build, [None])]"),
                ("", "", "build(**{'attn_type': None})"),
                ("", "", "[make(attn_type=None) for make in (build,)]"),
            )
        ),
        _built("", "", "attn_type", "build()", "attn_type=None").replace(
            'spec = model_registry("debugmodel")',
            "attn_type = {}.pop('attn_type', 'sdpa')\n    spec = model_registry(\"debugmodel\")",
        ),
        _built(
            "import enum\n\n\nclass Kind(enum.Enum):\n    FLEX = 'flex'\n    SDPA = 'sdpa'\n\n",
            "",
            "kind.value",
            "build(Kind.SDPA)",
            "kind: 'Kind'",
        ).replace("kind: 'Kind'", "kind: Kind"),
    ),
    "an enum under another name is an enum": tuple(
        _built(ENUM + helper, between, "attn_type", "build(*KINDS)", "attn_type")
        for helper, between in (
            ("def log(kind):\n    print(kind.value)\n\n", "log(attn_type)"),
            ("def log(*, kind):\n    print(kind.name)\n\n", "log(kind=attn_type)"),
            ("label = lambda kind: kind.value\n\n", "print(label(attn_type))"),
            (
                "def log(kind):\n    inner(kind)\n\n\ndef inner(value):\n    print(value.name)\n\n",
                "log(attn_type)",
            ),
            (
                "class Log:\n    def kind(self, kind):\n        print(kind.name)\n\n\nLOG = Log()\n\n",
                "LOG.kind(attn_type)",
            ),
            ("", "kind = attn_type\n    print(kind.name)"),
            ("", "print((kind := attn_type).name)"),
            ("", "for kind in (attn_type,):\n        print(kind.name)"),
            ("", "print([kind.name for kind in [attn_type]])"),
        )
    ),
    "what a handler takes it goes on taking": tuple(
        f"{LLAMA}{body}"
        for body in (
            """\
def build():
    spec = model_registry("debugmodel")
    try:
        spec.model.layer.attention.attn_backend = BACKEND
    except (NameError, AttributeError):
        pass
    return spec


show(build())
BACKEND = "flex"
""",
            """\
def build(options=None):
    spec = model_registry("debugmodel")
    try:
        spec.model.layer.attention.attn_backend = options["attn_type"]
    except (TypeError, AttributeError):
        pass
    return spec


show(build())
""",
            """\
class Options:
    attn_type = "flex"


def build(options=None):
    spec = model_registry("debugmodel")
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = options.attn_type
    return spec


show(build(), build(Options()))
""",
            """\
def build(options):
    spec = model_registry("debugmodel")
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = options["attn_type"]
    return spec


show(build({}))
""",
        )
    ),
    "what was built or copied before an override keeps the default": tuple(
        f"""\
{LLAMA}import copy

KEPT = []


def keep(spec):
    KEPT.append(copy.deepcopy(spec))


def build(attn_type):
    spec = model_registry("debugmodel")
    {use}
    if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = attn_type
    return spec


show(build("varlen"), *KEPT)
"""
        for use in (
            "keep(spec)",
            "KEPT.append(copy.deepcopy(spec))",
            "model = spec.model\n    keep(model)",
            "KEPT.extend(copy.copy(layer) for layer in spec.model.layers)",
            "with __import__('contextlib').nullcontext(spec) as same:\n        keep(same)",
        )
    ),
    "the choice of one of two models is not that of both": (
        f"""\
{LLAMA}class Options:
    attn_type = "varlen"


def build(options):
    actor, critic = model_registry("debugmodel"), model_registry("1B")
    print("masks of the actor", options.attn_type == "varlen")
    return actor, critic


show(*build(Options()))
""",
        f"""\
{LLAMA}class Pair:
    def __init__(self, attn_type):
        self.actor = model_registry("debugmodel")
        self.critic = model_registry("1B")
        print("masks of the actor", attn_type == "varlen")


pair = Pair("varlen")
show(pair.actor, pair.critic)
""",
    ),
    "what is done where an override fails is done with the default": tuple(
        f"""\
{LLAMA}FAILED = []


def build(attn_type):
    spec = model_registry("debugmodel")
    done = True
    {override}
    return spec, "varlen" if done else "default"


show(build("varlen"), FAILED)
"""
        for override in (
            """try:
        spec.model.layer.attention.attn_backend = attn_type
    except AttributeError as error:
        FAILED.append(1)""",
            """try:
        spec.model.layer.attention.attn_backend = attn_type
    except AttributeError:
        done = False""",
            """if hasattr(spec.model, "layer"):
        spec.model.layer.attention.attn_backend = attn_type
    else:
        done = False""",
            """if not hasattr(spec.model, "layer"):
        done = False
    else:
        spec.model.layer.attention.attn_backend = attn_type""",
        )
    ),
    "a value that is read from anything is the old one": tuple(
        f"""\
import operator

from torchtitan.config import ParallelismConfig
from observe import show


class Run:
    def __init__(self, plan):
        self.plan = plan

    def tag(self):
        return {read}


show(Run(ParallelismConfig(spmd_backend="default")).tag())
"""
        for read in (
            '"run-" + self.plan.spmd_backend',
            'operator.attrgetter("spmd_backend")(self.plan)',
            '[getattr(self.plan, field) for field in ("spmd_backend",)]',
            "[plan.spmd_backend[0] for plan in (self.plan,)]",
        )
    ),
    "asynchronous tensor parallelism stays with its config": tuple(
        f"""\
from torchtitan.config import CompileConfig, ParallelismConfig
from observe import show

{plans}
show([plain, compiled])
"""
        for plans in (
            "plain = ParallelismConfig()\n"
            "fast = ParallelismConfig(enable_async_tensor_parallel=True)\n"
            "compiled = CompileConfig(enable=True)\n",
            'plans = {"fast": ParallelismConfig(enable_async_tensor_parallel=True), "plain": None}\n'
            "plain, compiled = ParallelismConfig(), CompileConfig(enable=True)\n",
            "class Fast:\n    plan = ParallelismConfig(enable_async_tensor_parallel=True)\n"
            "    compiled = CompileConfig(enable=True)\n\n\n"
            "class Plain(Fast):\n    plan = ParallelismConfig()\n\n\n"
            "plain, compiled = Plain.plan, Plain.compiled\n",
        )
    ),
}
