"""The audits: each holds the world against the contract, and speaks in findings."""

# In the order in which they run. Each is a room below this one, which has RULES in `rules.py` and AUDIT in `audit.py`.
AUDITS = ("schema", "data")
