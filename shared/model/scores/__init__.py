"""What gives rows their scores, by the shortest way there is."""
