"""Programs as text and pictures, for people."""
