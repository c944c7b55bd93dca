"""Which torchtitan a project asks for."""
