"""What tests in the code come to at the target, and which statements it never runs for them.

Code that supports several torchtitans asks first, and keeps the answer: in a flag, in what a function
of its own returns, in a name that is ``None`` where an import failed. A test is followed to what was
asked, and that to what the target has.
"""
