"""The addresses of the board: what is asked for, and which page answers it."""
