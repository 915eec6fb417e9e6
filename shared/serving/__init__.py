"""A bundle behind HTTP, and every answer in the prediction log."""
