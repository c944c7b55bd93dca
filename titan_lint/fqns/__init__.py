"""Strings that name parameters and modules of a model, where torchtitan is given them."""
