"""``./avariyka triage``: classify files, check and try rules, train and compare models, look at corrections.

One module for each intention; :mod:`services.triage.commands.line` reads the command line.
"""

from services.triage.commands.line import main

__all__ = ["main"]
