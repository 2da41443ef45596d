"""Looking at a model: its summary, and why it does not learn."""

from nn.inspect.compare import Parting, compare
from nn.inspect.diagnose import Diagnosis, diagnose
from nn.inspect.experiments import Check
from nn.inspect.findings import Finding
from nn.inspect.generalization import Generalization, generalization
from nn.inspect.layers import LayerReport
from nn.inspect.preflight import Preflight, preflight
from nn.inspect.record import Recording, record
from nn.inspect.summary import Summary, summary
from nn.inspect.timeline import Timeline
from nn.inspect.viewer import viewer

__all__ = [
    "Check",
    "Diagnosis",
    "Finding",
    "Generalization",
    "LayerReport",
    "Parting",
    "Preflight",
    "Recording",
    "Summary",
    "Timeline",
    "compare",
    "diagnose",
    "generalization",
    "preflight",
    "record",
    "summary",
    "viewer",
]
