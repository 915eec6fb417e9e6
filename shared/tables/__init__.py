"""Where tables lie: files, Delta Lake, object stores, queries."""
