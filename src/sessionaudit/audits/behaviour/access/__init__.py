"""Audit the access: what each role can do with each object, and whether the contract says so."""
