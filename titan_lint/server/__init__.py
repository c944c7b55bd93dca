"""The language server: what editors are told of the files that are open in them.

It stands on :mod:`titan_lint.library`, and speaks the Language Server Protocol through pygls. Nothing of it is
imported by a check.
"""
