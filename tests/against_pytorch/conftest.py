"""pytest leaves this folder alone: it needs PyTorch, which the package does not."""

collect_ignore_glob = ["*.py"]
