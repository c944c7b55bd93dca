"""How a file chooses the attention of the models it builds.

:mod:`~titan_lint.attention.registry` finds the calls that build a model,
:mod:`~titan_lint.attention.choice` the backend that the code around them means,
:mod:`~titan_lint.attention.override` the attempts to set it on the built config, and
:mod:`~titan_lint.attention.masks` what masks are built.
"""
