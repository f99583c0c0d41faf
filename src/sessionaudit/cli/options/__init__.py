"""The options of the commands: declarations, what goes with what, and how values are read."""
