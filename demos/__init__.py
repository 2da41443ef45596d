"""Short programs, one for each question: `python -m demos NAME`."""
