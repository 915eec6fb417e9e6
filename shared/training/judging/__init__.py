"""What the winner is worth, and how that varies."""
