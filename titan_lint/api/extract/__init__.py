"""Reading a torchtitan's API from its source."""
