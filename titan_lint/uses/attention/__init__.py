"""How a file chooses the attention of the models it builds.

:mod:`~titan_lint.uses.attention.registry` finds the calls that build a model,
:mod:`~titan_lint.uses.attention.choice` the backend that the code around them means,
:mod:`~titan_lint.uses.attention.override` the attempts to set it on the built config, and
:mod:`~titan_lint.uses.attention.masks` what masks are built.
"""
