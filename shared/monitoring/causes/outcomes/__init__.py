"""What may be wrong with outcomes, or with the world that they come from."""
