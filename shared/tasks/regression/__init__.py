"""A target that is a number."""
