"""A target that is true or false."""
