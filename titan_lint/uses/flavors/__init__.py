"""torchtitan's dictionaries of flavors, ``llama3_configs`` and the like, and what a file does with them."""
