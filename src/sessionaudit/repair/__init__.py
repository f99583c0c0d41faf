"""Repairs: from findings to a plan, which is applied and verified by another audit."""
