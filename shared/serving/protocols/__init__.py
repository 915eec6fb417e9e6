"""The forms in which rows come and answers go."""
