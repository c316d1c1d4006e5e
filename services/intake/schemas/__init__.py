"""Wire shapes of ``intake``: the provider's webhook, the operators' API, phone numbers."""
