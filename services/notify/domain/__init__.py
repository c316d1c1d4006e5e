"""Pure rules of ``notify``: how long a text is, what is told to whom, the life of one outgoing message."""
