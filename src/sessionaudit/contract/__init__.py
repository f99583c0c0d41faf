"""The contract: YAML to what is expected, with a line for everything."""
