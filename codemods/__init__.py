"""The rewriting behind titan-lint's fixes, and the same as LibCST codemod commands.

Each piece of code is rewritten by itself: a call or import is parsed with LibCST, changed, and
written back, and all else in the file stays as it is, byte by byte.
"""
