"""Shapes on the wire: what HTTP callers send and get, what routing's events hold, what a seed file says."""
