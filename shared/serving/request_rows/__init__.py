"""The rows of a request, read and checked by the contract."""
