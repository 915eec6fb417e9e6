"""How new rows come into the table by day: read, screened, sorted by day, merged, reconciled."""
