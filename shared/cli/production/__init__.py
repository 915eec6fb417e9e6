"""Commands about what is in production: decided, served, logged, handed on."""
