"""The data audit: do the rows satisfy the invariants?"""
