"""`sessionaudit repair`: the command, the plan that is printed or applied, and what is told of it."""
