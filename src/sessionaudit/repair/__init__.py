"""From findings to a plan, and from a plan to a database that was audited again."""
