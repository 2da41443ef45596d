"""Compiling, unfinished and not public: a step runs with arrays that write down what happens to them.

An equal value in two traces that Python read behind the arrays' back still becomes a constant."""
