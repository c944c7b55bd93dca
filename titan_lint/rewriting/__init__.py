"""How a change is written.

Each piece of code is rewritten by itself: a call or import is taken apart, changed, and written
back, and all else in the file stays as it is, byte by byte. What is not laid out plainly is taken
apart by LibCST, which is imported for it alone.
"""
