"""Repairs rows that violate an invariant, and undoes that."""
