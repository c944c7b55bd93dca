"""The paths into torchtitan that a file writes, and what becomes of those that are gone."""
