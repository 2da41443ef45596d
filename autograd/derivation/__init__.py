"""Derivations written out: what `ag.derive` returns, from the graph to the whiteboard."""
