"""Policies: which items of a slate are shown, with what chance, and what another would be worth."""
