"""Windows and history as profiles: counts by a plan, which add up."""
