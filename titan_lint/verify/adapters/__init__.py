"""What makes well-known engines, so that nobody has to write an adapter for them."""
