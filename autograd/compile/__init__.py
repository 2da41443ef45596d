"""Compiling: a step, seen at work twice, becomes one program."""
