"""What to write in the place of what is wrong: each function plans a rewrite."""
