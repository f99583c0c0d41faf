"""Calls that cannot be read: how they are refused, and what somebody may have meant."""
