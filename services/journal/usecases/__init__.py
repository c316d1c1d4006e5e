"""What the journal is asked to do: record, close, show, escalate, audit. Each owns its transaction."""
