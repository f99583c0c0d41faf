"""The audits: each compares something with the contract, and reports findings."""

# In the order in which they run. Each is a room below this one, which has RULES in `rules.py` and AUDIT in `audit.py`.
AUDITS = ("schema", "data")
