"""Layers and losses as modules."""
