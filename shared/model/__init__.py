"""The bundle, and the one place where its model answers."""
