"""Wire shapes of routing: events read, HTTP in and out, seed files."""
