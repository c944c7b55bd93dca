"""Members of torchtitan's classes that a file reads or sets, and what becomes of those that are gone."""
