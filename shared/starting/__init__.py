"""A new problem from a table: looked at, guessed, and written with the reason for each guess."""
