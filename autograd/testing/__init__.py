"""The comparison of the engine's gradients with numeric ones."""
