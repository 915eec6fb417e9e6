"""What is guessed of a problem by its table: target, kind, features, holdout, windows."""
