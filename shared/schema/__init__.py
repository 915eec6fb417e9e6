"""The contract, and the reading and checking of values against it."""
