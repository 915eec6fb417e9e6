"""What may have been done to columns or outcomes: each cause is tried against others."""
