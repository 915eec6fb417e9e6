"""What there is to know of one run: what it holds, what it came from and what came of it."""
