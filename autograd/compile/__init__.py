"""Compiling, unfinished and not public: arrays write down what a step does to them.

A value that Python reads behind the arrays' back, and that is equal in two traces, still becomes a
constant.
"""
