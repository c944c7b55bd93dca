"""With what Python asks something for its shape."""

from __future__ import annotations

PACKAGE_PROBES = frozenset(
    {
        *("importlib.metadata.version", "importlib_metadata.version"),
        *("importlib.metadata.distribution", "importlib_metadata.distribution"),
        *("importlib.metadata.metadata", "importlib_metadata.metadata"),
        *("pkg_resources.get_distribution", "pkg_resources.require"),
    }
)
"""What tells, by the name of a package, which version of it is installed."""
PROBES = frozenset(
    {
        *("builtins.hasattr", "builtins.vars", "builtins.dir", "builtins.getattr"),
        *("inspect.signature", "inspect.getfullargspec", "inspect.getargspec"),
        *("inspect.Signature.from_callable", "inspect.getmembers", "inspect.getsource"),
        *("inspect.get_annotations", "inspect.getmodule", "inspect.getattr_static"),
        *("builtins.isinstance", "builtins.issubclass", "dataclasses.is_dataclass"),
        *("inspect.isclass", "inspect.isfunction", "inspect.ismethod", "inspect.isabstract"),
        *("inspect.iscoroutinefunction", "inspect.isgeneratorfunction", "inspect.ismodule"),
        *("dataclasses.fields", "typing.get_type_hints", "typing_extensions.get_type_hints"),
        *("importlib.util.find_spec", "importlib.import_module", "pkgutil.find_loader"),
        "pkgutil.iter_modules",
        *PACKAGE_PROBES,
    }
)
"""What is asked of torchtitan to learn its shape."""
PROBED = frozenset(
    {
        *("__code__", "__dict__", "__annotations__", "__dataclass_fields__", "__signature__"),
        *("__doc__", "__version__", "__kwdefaults__", "__defaults__", "__all__", "__file__"),
        *("__slots__", "__match_args__", "__mro__", "__bases__", "__module__", "__path__"),
    }
)
"""The attributes that tell the shape of what has them."""
PROBING = frozenset(path.rpartition(".")[2] for path in PROBES)
"""What asks something for its shape, by the last part of its name."""
