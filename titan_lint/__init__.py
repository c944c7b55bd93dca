"""titan-lint: a linter and codemod for Python code that builds on torchtitan."""

__version__ = "0.1.0"
