"""Graphs as pictures and as pages."""
