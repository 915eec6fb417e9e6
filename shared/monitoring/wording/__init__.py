"""Reasons of a verdict and notes beside it, in words."""
