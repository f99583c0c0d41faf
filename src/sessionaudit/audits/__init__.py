"""The audits: each holds the world against the contract, and speaks in findings."""
