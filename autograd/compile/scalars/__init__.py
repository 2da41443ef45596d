"""Steps on Values as programs: single numbers written down, rolled into vectors, and printed."""
