"""All that a step can read, found by walking over it, and what of it must stay as it is."""
