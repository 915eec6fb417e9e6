"""Whole tables answered by a bundle: planned, scored partition by partition, and reconciled."""
