"""What the engine asks of a kind of data: floats and NumPy arrays."""
