"""What the role of a client may do with what its requests name."""
