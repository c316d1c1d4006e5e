"""Intake: requests as residents make them, their contacts and conversations, and the address registry."""
