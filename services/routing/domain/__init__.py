"""Routing's rules, free of framework and I/O: competence, zones, grades, choice, assignments, transfers."""
