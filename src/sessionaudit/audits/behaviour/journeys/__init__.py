"""Audit journeys: what users do, step by step, and what must come of each."""
