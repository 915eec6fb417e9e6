"""From a judged model to a bundle that anyone can open, check and run."""
