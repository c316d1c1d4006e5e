"""Shapes on the wire: the events of the others in, HTTP and RPC out, the norm file."""
