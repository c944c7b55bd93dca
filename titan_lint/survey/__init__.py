"""``titan-lint survey``: many repositories held against a change of torchtitan."""
