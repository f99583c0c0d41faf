"""The contract: reads YAML into expected objects, each with its line."""
