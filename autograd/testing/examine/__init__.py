"""What `check_backward` does: run a backward pass written by hand, and name its mistakes."""
