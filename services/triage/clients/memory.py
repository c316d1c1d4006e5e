"""Giving back the memory that reading the rules took: the dictionary of word forms, the YAML trees."""

import ctypes
import gc


def give_back() -> None:
    """Collect garbage and, where the C library can (glibc), return what is free to the system: some 20 MB."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
