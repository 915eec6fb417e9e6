"""What is usual of a problem, learnt from its history."""
