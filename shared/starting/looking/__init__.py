"""What a new table is like: its files, its columns, its times."""
