"""Twilio's own description of its message API, and the checks it asks for."""
