"""Runs that are compared: which, on which rows, and what differs between them."""
