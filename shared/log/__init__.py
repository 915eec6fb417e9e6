"""The prediction log: its tables, spool, outcomes and export."""
