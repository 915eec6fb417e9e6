"""The parts of the summary card."""
