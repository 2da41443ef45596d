"""Models as ONNX files, and back."""

from nn.onnx.export import export
from nn.onnx.load import load

__all__ = ["export", "load"]
