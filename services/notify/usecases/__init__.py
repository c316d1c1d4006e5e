"""What ``notify`` does: it learns of facts, decides what to tell, sends, and listens for receipts."""
