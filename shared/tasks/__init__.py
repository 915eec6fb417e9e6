"""What differs by kind of answer: the metrics."""
