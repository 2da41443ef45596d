"""Module and Parameter: registration, scope, hooks, state."""
