"""Repair rows that violate an invariant, and undo such repairs."""
