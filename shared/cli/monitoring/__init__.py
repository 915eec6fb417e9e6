"""Commands that watch what is in production, and judge it."""
