"""Baselines: files of findings that were there on a day, so that a check fails only for others."""
