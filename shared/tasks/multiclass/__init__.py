"""A target of 3 to 50 classes."""
