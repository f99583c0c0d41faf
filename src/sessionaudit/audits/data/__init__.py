"""Audit the data: do the rows satisfy the invariants?"""
