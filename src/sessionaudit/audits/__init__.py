"""List the audits: each compares something with the contract, and reports findings."""

# In the order in which they run. Each is a package below this one, with RULES in `rules.py` and AUDIT in `audit.py`.
AUDITS = ("schema", "data", "migrations", "code", "behaviour")
