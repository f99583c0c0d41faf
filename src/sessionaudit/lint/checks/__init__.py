"""List the checks of a contract: one module for each, with `found`, and one line here."""

from __future__ import annotations

# In the order of their codes.
CHECKS = ("names", "definitions", "contradictions", "files", "duplicates", "waivers")
