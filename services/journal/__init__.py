"""Journal: the official life of every request, its deadlines, closing rules and the self-audit."""
