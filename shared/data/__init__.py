"""Where rows come from, what they must look like, and where predictions are kept."""
