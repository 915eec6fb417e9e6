"""Commands about a problem: made, checked, tried."""
