"""The baseline of a problem, learnt from its history: what windows are held against."""
