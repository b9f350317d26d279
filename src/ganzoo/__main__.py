"""`python -m ganzoo` is the command line."""

from ganzoo.cli import main

main()
