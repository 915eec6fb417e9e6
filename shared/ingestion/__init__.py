"""How new rows come into the table by day: drawn, screened, sorted by day, merged, told."""
