"""What may have become of the names of categories."""
