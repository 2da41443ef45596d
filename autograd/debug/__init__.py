"""Looking into a backward pass: replay, explain, anomalies, expansion."""
