"""What torchtitan's API is at each point of its history, as data."""

from titan_lint.api.bundle import index, load
from titan_lint.api.surface import (
    Class,
    External,
    Function,
    Homes,
    Kind,
    Module,
    Parameter,
    Provenance,
    Surface,
    Value,
)

__all__ = [
    "Class",
    "External",
    "Function",
    "Homes",
    "Kind",
    "Module",
    "Parameter",
    "Provenance",
    "Surface",
    "Value",
    "index",
    "load",
]
