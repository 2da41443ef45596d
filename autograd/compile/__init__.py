"""Compiling: a step runs with arrays that write down what is done to them."""
