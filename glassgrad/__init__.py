"""The command line of Glassgrad. Programs import its packages, `autograd` and `nn`."""
