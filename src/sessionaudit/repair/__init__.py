"""Repair the schema: make a plan from findings, apply it, and verify it by another audit."""
