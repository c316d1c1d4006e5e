"""What intake does: take a message, take a form, complete a draft, look up addresses and requests.

A registration never waits for another service: it commits rows and events to its own database, no more.
"""
