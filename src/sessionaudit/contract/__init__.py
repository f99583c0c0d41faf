"""Read a contract: YAML into expected objects, each with its line."""
