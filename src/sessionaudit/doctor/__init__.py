"""Examine a connection: how it is reached, what its role can do here, and what each command lacks."""
