"""What may have been done to a number: units, factors, rounding, one value for none."""
