"""Prove a rewrite by running the engine before and after it: ``titan-lint verify``."""
