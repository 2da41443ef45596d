"""The stand-ins that flow through a step, and the tape on which they write down what it does."""
