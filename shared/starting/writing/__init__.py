"""What is written of a new problem: its folder, its settings, its source, its repository."""
