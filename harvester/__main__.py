"""`python -m harvester` is the command `harvester`."""

from harvester.cli.commands import main

main()
