"""Make steps from findings: which steps repair each, and in which order."""
