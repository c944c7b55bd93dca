"""The version of titan-lint."""

__version__ = "0.1.0"
