"""From a table to a judged model."""
