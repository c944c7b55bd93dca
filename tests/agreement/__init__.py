"""Generated uses of torchtitan, executed on every release, beside what titan-lint says of them.

A program uses one thing of release A, in one form, in some surroundings (:mod:`.uses`, :mod:`.forms`,
:mod:`.programs`). The real wheels decide whether it works (:mod:`.worker`, :mod:`.oracle`), and
:mod:`.verdicts` asks titan-lint. ``python -m tests.agreement.run`` does this for many programs and writes
``docs/agreement.md``.
"""
