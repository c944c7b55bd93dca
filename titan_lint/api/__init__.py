"""What torchtitan's API is at each point of its history, as data."""

from titan_lint.api.bundle import index, load
from titan_lint.api.entities import Class, External, Module, Variable
from titan_lint.api.signatures import Function, Parameter, ParameterKind
from titan_lint.api.surface import Homes, Provenance, Surface

__all__ = [
    "Class",
    "External",
    "Function",
    "Homes",
    "Module",
    "Parameter",
    "ParameterKind",
    "Provenance",
    "Surface",
    "Variable",
    "index",
    "load",
]
