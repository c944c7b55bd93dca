"""TODO."""

KINDS = {}
