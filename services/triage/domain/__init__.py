"""Triage as pure rules: the words of a message, the rule book, and the decision they lead to."""
