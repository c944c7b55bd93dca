"""What torchtitan's API is at each point of its history, as data."""

from titan_lint.surface.bundle import index, load
from titan_lint.surface.model import (
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
