"""What an expression is, by where it comes from.

:mod:`~titan_lint.code.names` follows names from assignment to use within a file;
:mod:`~titan_lint.code.values` says what an expression can be; and
:mod:`~titan_lint.code.resolver` works that out on demand. A name alone proves nothing here:
every answer goes back to an import, a call, an annotation or an assignment that is in the file.
"""
