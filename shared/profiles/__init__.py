"""Windows and history as profiles: counts that add up, and what is usual of them."""
