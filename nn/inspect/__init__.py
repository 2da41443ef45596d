"""A summary of a model, and why it does not learn."""
