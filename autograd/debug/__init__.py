"""Look into a backward pass: replays, explanations, anomalies, expansion."""
