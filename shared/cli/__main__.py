"""`python -m shared.cli` is `millrace`."""

from shared.cli import main

main()
