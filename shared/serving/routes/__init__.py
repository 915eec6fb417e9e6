"""The routes that rows are answered by."""
