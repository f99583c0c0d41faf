"""Saved reports: what JSON has beside what programs read, so that every format can be printed from it later."""
