"""Events: what others are sent when a bundle, a decision or a verdict is new."""
