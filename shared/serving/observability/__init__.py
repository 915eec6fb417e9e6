"""What a server measures of itself, and where it says so."""
