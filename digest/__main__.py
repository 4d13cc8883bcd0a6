"""`python -m digest` is the same as `digest`."""

from digest.cli import main

main()
