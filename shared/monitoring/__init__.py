"""From a window of production traffic to a verdict."""
