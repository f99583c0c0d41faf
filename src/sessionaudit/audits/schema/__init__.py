"""Audit the schema: do the objects exist, and are they as declared?"""
