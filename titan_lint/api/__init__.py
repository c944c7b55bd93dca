"""What torchtitan's API is at each point of its history, as data."""

from titan_lint.api.bundle import index, load
from titan_lint.api.entities import Class, External, Function, Kind, Module, Parameter, Value
from titan_lint.api.surface import Homes, Provenance, Surface

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
