"""Correct programs that support several torchtitans at once, made by chance and left alone."""
