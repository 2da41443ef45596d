"""The source of derivative rules, changed in one place: mistakes to plant, and to recognize."""
