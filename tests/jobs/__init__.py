"""Tests of what is said of job configs, and what is done to them."""
