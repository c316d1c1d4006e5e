"""What events, dispatchers and the clock want of this service: one verb function each."""
