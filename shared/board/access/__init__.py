"""Who looks at the board, and what they may."""
