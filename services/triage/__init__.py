"""triage: how urgent a request is, what broke, what is dangerous, and why we think so."""
