"""What each page of the board shows."""
