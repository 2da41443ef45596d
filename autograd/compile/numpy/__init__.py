"""The NumPy back end: a program as the Python function that runs it fastest."""
