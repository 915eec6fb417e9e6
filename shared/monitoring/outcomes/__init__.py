"""What a window is worth by the outcomes that have arrived, and what these hide."""
