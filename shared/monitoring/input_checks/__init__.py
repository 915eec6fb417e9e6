"""What of a window's rows is not as the contract and the history have it."""
