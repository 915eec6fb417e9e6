"""Impressions, and whether each is clicked."""
