"""Tells residents what becomes of their requests, each fact once, and knows whether it arrived."""
