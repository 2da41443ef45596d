"""Data sets, and loaders that batch them and can resume in the middle of an epoch."""

from nn.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from nn.data.loader import DataLoader, default_collate
from nn.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from nn.names import of_data as __getattr__  # noqa: F401

__all__ = [
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "random_split",
]
