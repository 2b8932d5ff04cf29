"""``python -m objection_nlp``: the command, where no script is on the path."""

from objection_nlp.cli import main

main()
