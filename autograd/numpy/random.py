"""HIPS autograd's path to NumPy's random numbers, whose names say what to write here."""

from autograd.names import of_numpy_random as __getattr__  # noqa: F401
