"""What intake knows without any framework: words, addresses, drafts and what to say next."""
