"""The ways in which real code reaches a library's function, each resolved by provenance."""

from __future__ import annotations

import pytest

from tests.origins.reveal import reveal

FORMS = {
    "dynamic import": (
        """
        import importlib
        mod = importlib.import_module(f"titan.models.{name}")
        reveal(mod.registry)
        """,
        "titan.models.*.registry",
    ),
    "dynamic import, from": (
        """
        from importlib import import_module
        reveal(import_module("titan.models.llama").registry)
        """,
        "titan.models.llama.registry",
    ),
    "dynamic import, alias": (
        """
        import importlib as il
        load = il.import_module
        reveal(load("titan.models." + name).registry)
        """,
        "titan.models.*.registry",
    ),
    "dynamic import, format": (
        """
        import importlib
        reveal(importlib.import_module("titan.models.{}".format(name)).registry)
        """,
        "titan.models.*.registry",
    ),
    "dynamic import, percent": (
        """
        import importlib
        reveal(importlib.import_module("titan.models.%s" % name).registry)
        """,
        "titan.models.*.registry",
    ),
    "dynamic import, keyword": (
        """
        import importlib
        reveal(importlib.import_module(name="titan.models.llama"))
        """,
        "titan.models.llama",
    ),
    "dynamic import, relative to a package": (
        """
        import importlib
        reveal(importlib.import_module(".llama", package="titan.models"))
        """,
        "titan.models.llama",
    ),
    "dynamic import, name saved": (
        """
        import importlib
        BASE = "titan.models"
        path = f"{BASE}.{name}"
        reveal(importlib.import_module(path).registry)
        """,
        "titan.models.*.registry",
    ),
    "names as strings": (
        """
        import importlib
        NAMES = {"llama": "llama", "qwen": "qwen3"}
        def build(kind):
            return reveal(importlib.import_module(f"titan.models.{NAMES[kind]}").registry)
        """,
        "titan.models.llama.registry | titan.models.qwen3.registry",
    ),
    "helper that returns the module": (
        """
        import importlib
        def module(name):
            return importlib.import_module(f"titan.models.{name}")
        reveal(module("llama").registry)
        """,
        "titan.models.*.registry",
    ),
    "helper that caches": (
        """
        import functools, importlib
        @functools.lru_cache(maxsize=None)
        def module(name):
            return importlib.import_module(f"titan.models.{name}")
        reveal(module("llama").registry)
        """,
        "titan.models.*.registry",
    ),
    "method that returns the module": (
        """
        import importlib
        class Engine:
            def _module(self):
                return importlib.import_module(f"titan.models.{self.name}")
            def build(self):
                return reveal(self._module().registry)
        """,
        "titan.models.*.registry",
    ),
    "property that returns the module": (
        """
        import importlib
        class Engine:
            @property
            def module(self):
                return importlib.import_module(f"titan.models.{self.name}")
            def build(self):
                return reveal(self.module.registry)
        """,
        "titan.models.*.registry",
    ),
    "attribute saved first": (
        """
        import importlib
        registry = importlib.import_module(f"titan.models.{name}").registry
        reveal(registry)
        """,
        "titan.models.*.registry",
    ),
    "attribute saved, then called": (
        """
        from titan.models import llama
        registry = llama.registry
        reveal(registry("8B").model)
        """,
        "titan.Config()",
    ),
    "getattr": (
        """
        import titan.models.llama as mod
        registry = getattr(mod, "registry", None)
        reveal(registry)
        """,
        "titan.models.llama.registry",
    ),
    "from import": (
        "from titan.models.llama import registry\nreveal(registry)",
        "titan.models.llama.registry",
    ),
    "from import as": (
        "from titan.models.llama import registry as llama\nreveal(llama)",
        "titan.models.llama.registry",
    ),
    "import": (
        "import titan.models.llama\nreveal(titan.models.llama.registry)",
        "titan.models.llama.registry",
    ),
    "import as": (
        "import titan.models.llama as m\nreveal(m.registry)",
        "titan.models.llama.registry",
    ),
    "import inside a function": (
        """
        def build():
            from titan.models.llama import registry
            return reveal(registry)
        """,
        "titan.models.llama.registry",
    ),
    "import under try": (
        """
        try:
            from titan.models.llama import registry
        except ImportError:
            registry = None
        reveal(registry)
        """,
        "titan.models.llama.registry",
    ),
    "import under TYPE_CHECKING": (
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from titan import Spec
        def build(spec: Spec):
            reveal(spec.model)
        """,
        "titan.Config()",
    ),
    "relative import": ("from . import registry\nreveal(registry)", "titan.models.llama.registry"),
    "relative import from the parent": (
        "from ..old import Spec\nreveal(Spec)",
        "titan.models.old.Spec",
    ),
    "class attribute": (
        """
        from titan.models.llama import registry
        class Engine:
            registry = staticmethod(registry)
            def build(self):
                return reveal(self.registry)
        """,
        "titan.models.llama.registry",
    ),
    "self attribute": (
        """
        import titan.models.llama as mod
        class Engine:
            def __init__(self):
                self.registry = mod.registry
            def build(self):
                return reveal(self.registry)
        """,
        "titan.models.llama.registry",
    ),
    "attribute of a base class": (
        """
        import titan.models.llama as mod
        class Base:
            def setup(self):
                self.spec = mod.registry("8B")
        class Engine(Base):
            def build(self):
                return reveal(self.spec.model)
        """,
        "titan.Config()",
    ),
    "attribute over several methods": (
        """
        import titan.models.llama as mod
        class Engine:
            def __init__(self):
                self.spec = None
            def one(self):
                self.spec = mod.registry("8B")
            def two(self):
                return reveal(self.spec)
        """,
        "titan.Spec()",
    ),
    "instance of a class of the file": (
        """
        from titan.models.llama import registry
        class Holder:
            def __init__(self):
                self.registry = registry
        holder = Holder()
        reveal(holder.registry)
        """,
        "titan.models.llama.registry",
    ),
    "derived from a library's class": (
        """
        import titan
        class MyTrainer(titan.Trainer):
            pass
        class Engine:
            def __init__(self):
                self.trainer = MyTrainer()
            def build(self):
                return reveal(self.trainer.spec.model)
        """,
        "titan.Config()",
    ),
    "annotated parameter": (
        "import titan\ndef f(spec: titan.Spec): reveal(spec.model)",
        "titan.Config()",
    ),
    "annotated, quoted": ("import titan\ndef f(spec: 'titan.Spec'): reveal(spec)", "titan.Spec()"),
    "annotated, optional": (
        "import titan\ndef f(spec: titan.Spec | None = None): reveal(spec)",
        "titan.Spec()",
    ),
    "annotated, typing.Optional": (
        "import titan\nfrom typing import Optional\ndef f(spec: Optional[titan.Spec]): reveal(spec)",
        "titan.Spec()",
    ),
    "annotated variable": (
        "import titan\nspec: titan.Spec = make()\nreveal(spec.model)",
        "titan.Config()",
    ),
    "annotated variable, another module's call": (
        "import titan, mine\nspec: titan.Spec = mine.make()\nreveal(spec)",
        "titan.Spec()",
    ),
    "annotated attribute": (
        """
        import titan
        class Engine:
            spec: titan.Spec
            def build(self):
                reveal(self.spec.model)
        """,
        "titan.Config()",
    ),
    "annotated attribute, set later": (
        """
        import titan
        class Engine:
            spec: titan.Spec
            def __init__(self, spec):
                self.spec = spec
            def build(self):
                reveal(self.spec)
        """,
        "titan.Spec()",
    ),
    "annotated result": (
        """
        import titan
        def make(name) -> titan.Spec:
            return MAKERS[name]()
        reveal(make("x").model)
        """,
        "titan.Config()",
    ),
    "re-exported class": ("from titan.old import Spec\ndef f(s: Spec): reveal(s)", "titan.Spec()"),
    "module reassigned": (
        """
        import titan.models.llama as a
        b = a
        def build():
            c = b
            return reveal(c.registry)
        """,
        "titan.models.llama.registry",
    ),
    "conditional import": (
        """
        if kind == "llama":
            from titan.models.llama import registry
        else:
            from titan.models.qwen import registry
        reveal(registry)
        """,
        "titan.models.llama.registry | titan.models.qwen.registry",
    ),
    "conditional expression": (
        "from titan.models import llama, qwen\nreveal((llama if x else qwen).registry)",
        "titan.models.llama.registry | titan.models.qwen.registry",
    ),
    "or": ("from titan import Spec\nspec = given or Spec()\nreveal(spec)", "? | titan.Spec()"),
    "walrus": ("import titan\nif (spec := titan.Spec()): reveal(spec)", "titan.Spec()"),
    "tuple assignment": (
        "import titan\na, b = titan.Spec, titan.Config\nreveal(b)",
        "titan.Config",
    ),
    "partial": (
        "import functools\nfrom titan.models.llama import registry\nreveal(functools.partial(registry, '8B'))",
        "partial(titan.models.llama.registry)",
    ),
    "partial, called": (
        "import functools\nfrom titan.models.llama import registry\nreveal(functools.partial(registry)('8B'))",
        "titan.Spec()",
    ),
    "lambda": ("import titan\nmake = lambda: titan.Spec()\nreveal(make())", "titan.Spec()"),
    "cast": ("import titan, typing\nreveal(typing.cast(titan.Spec, x()))", "titan.Spec()"),
    "copied": ("import titan, copy\nreveal(copy.deepcopy(titan.Spec()).model)", "titan.Config()"),
    "awaited": (
        "import titan\nasync def make(): return titan.Spec()\nasync def f(): reveal(await make())",
        "titan.Spec()",
    ),
    "dictionary of functions": (
        """
        from titan.models.llama import registry as a
        from titan.models.qwen import registry as b
        REGISTRIES = {"llama": a, "qwen": b}
        reveal(REGISTRIES[name])
        """,
        "titan.models.llama.registry | titan.models.qwen.registry",
    ),
    "dictionary of functions, get": (
        """
        from titan.models.llama import registry as a
        REGISTRIES = {"llama": a}
        reveal(REGISTRIES.get("llama"))
        """,
        "titan.models.llama.registry",
    ),
    "a library's dictionary of factories": (
        'from titan.models.llama import configs\nreveal(configs["8B"]())',
        "titan.Config()",
    ),
    "loop over modules": (
        "from titan.models import llama, qwen\nfor m in (llama, qwen): reveal(m.registry)",
        "titan.models.llama.registry | titan.models.qwen.registry",
    ),
    "comprehension over modules": (
        "from titan.models import llama, qwen\n[reveal(m.registry) for m in [llama, qwen]]",
        "titan.models.llama.registry | titan.models.qwen.registry",
    ),
    "method of an instance": ("import titan\nreveal(titan.Spec().build)", "titan.Spec().build"),
    "result of a method": ("import titan\nreveal(titan.Spec().build())", "titan.Config()"),
    "unknown attribute of an instance": (
        "import titan\nreveal(titan.Spec().model.gone.x)",
        "titan.Config().gone.x",
    ),
    "star import": (
        "from titan.models.llama import *\nreveal(registry)",
        "titan.models.llama.registry",
    ),
    "star import beside the standard library's": (
        "from os.path import *\nfrom titan.models.llama import *\nreveal(registry)",
        "titan.models.llama.registry",
    ),
    "global": (
        """
        import titan
        spec = None
        def setup():
            global spec
            spec = titan.Spec()
        def use():
            reveal(spec)
        """,
        "titan.Spec()",
    ),
    "nonlocal": (
        """
        import titan
        def outer():
            spec = None
            def inner():
                nonlocal spec
                spec = titan.Spec()
            inner()
            reveal(spec)
        """,
        "titan.Spec()",
    ),
    "closure": (
        """
        def outer():
            from titan.models.llama import registry
            def inner():
                return reveal(registry)
            return inner
        """,
        "titan.models.llama.registry",
    ),
    "used before the import, in a function": (
        "def f(): return reveal(registry)\nfrom titan.models.llama import registry",
        "titan.models.llama.registry",
    ),
    "__import__ with fromlist": (
        'reveal(__import__("titan.models.llama", None, None, ["registry"]).registry)',
        "titan.models.llama.registry",
    ),
    "type of an instance": ("import titan\nreveal(type(titan.Spec()))", "titan.Spec"),
}


@pytest.mark.parametrize("form", FORMS)
def test_form_resolves(form: str) -> None:
    code, expected = FORMS[form]
    assert reveal(code, package="titan.models.llama") == expected


def test_import_inside_a_function_stays_there() -> None:
    code = "def f():\n    from titan.models.llama import registry\nreveal(registry)"
    assert reveal(code) == "?"


def test_relative_import_without_a_known_package_is_unknown() -> None:
    assert reveal("from . import registry\nreveal(registry)") == "?"
    assert reveal("from ....... import registry\nreveal(registry)", package="titan.models") == "?"
