"""How a change is written.

Each piece of code is rewritten by itself: a call or import is taken apart by LibCST, changed,
and written back, and all else in the file stays as it is, byte by byte. Rules read Python's own trees,
because nothing else is quick enough to follow names through every file; LibCST makes every change to calls
and imports, because nothing else keeps what was written. It is imported when the first one is made.
"""
