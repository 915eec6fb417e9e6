"""What one monitoring run judges, and how it is read."""
