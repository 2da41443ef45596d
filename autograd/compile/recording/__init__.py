"""One traced call: what is put in place before it, and what it changed, kept and returned."""
