"""The schema audit: are the objects there, and right?"""
