"""The reviewers' pages."""

# Where it listens, unless it is told otherwise.
ADDRESS, PORT = "127.0.0.1", 8080
