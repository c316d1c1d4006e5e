"""Pure rules of the journal: states, the life of a request, norms and clocks, closing, the self-audit."""
