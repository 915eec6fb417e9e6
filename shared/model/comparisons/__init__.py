"""Answers that are compared: given ones with the model's, and one model's with another's."""
