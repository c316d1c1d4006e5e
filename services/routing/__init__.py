"""Routing: which organisation answers, which crew goes, who has acknowledged; the dispatchers' API."""
