"""Wire shapes of ``notify``."""
