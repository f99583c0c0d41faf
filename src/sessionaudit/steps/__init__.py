"""From findings to steps: what mends each, and in which order."""
