"""What safe fixes do to programs, shown by running them.

A program is run on a stand-in for the torchtitan that it was written for, and on one for 0.3.0 before and
after ``titan-lint --fix``. Both write down what it does (``standin``, ``running``); the properties that
have to hold are functions of their own (``properties``). Programs are made by kinds, ``rewrite/hazard``
(``generate``), or written by hand (``behaviours``, ``projects``). ``tool`` alone knows titan-lint.

    python -m tests.meaning.run --programs 30000 -j2 --keep FOLDER

runs as many as wanted and keeps the smallest example of each kind that is wrong. ``test_meaning.py`` is a
slice. What is wrong today is in ``known``: a test fails when something else goes wrong, and when something
is fixed and still listed there.
"""
