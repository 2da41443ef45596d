"""Compare the engine's gradients with numeric ones."""
