"""Provide the command line: one thin module for each command."""
