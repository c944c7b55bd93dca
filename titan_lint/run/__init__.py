"""A run: find the files, screen their bytes, lint or fix what is left, and keep the order."""
