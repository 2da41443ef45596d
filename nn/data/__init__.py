"""Data sets, and loaders that batch them and can resume in the middle of an epoch."""

from nn.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from nn.data.loader import DataLoader, default_collate
from nn.names import of_data as __getattr__  # noqa: F401

__all__ = [
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Subset",
    "TensorDataset",
    "default_collate",
    "random_split",
]
