"""Who let which bundle into production, and why."""
