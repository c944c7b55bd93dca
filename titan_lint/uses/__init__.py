"""What a file does with a torchtitan."""
