"""Rows: the promises between them, how broken ones are mended, and the story of one."""
