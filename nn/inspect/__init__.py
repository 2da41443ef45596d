"""Looking at a model: its summary, and why it does not learn."""

from nn.inspect.diagnose import Diagnosis, diagnose
from nn.inspect.findings import Finding
from nn.inspect.layers import LayerReport
from nn.inspect.summary import Summary, summary

__all__ = ["Diagnosis", "Finding", "LayerReport", "Summary", "diagnose", "summary"]
