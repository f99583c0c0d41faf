"""Audit the behaviour: what each role can do, and what comes of the steps that users take."""
