"""Plumbing that every service stands on: bus, database, HTTP edge, tokens, texts. No word of the domain."""

__version__ = "0.2.0"
