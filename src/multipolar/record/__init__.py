"""What is known: typed tables with sources, names of states and bodies."""
