"""Functions from functions to their derivatives."""
