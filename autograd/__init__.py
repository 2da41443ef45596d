"""Glassgrad's engine: values and arrays that remember how they were computed, and derivatives."""

from typing import TYPE_CHECKING

from autograd import errors as errors
from autograd import names as names
from autograd import numpy, transforms
from autograd import primitives as primitives
from autograd import random as random
from autograd import tables as tables
from autograd.compile.api import compile as compile
from autograd.compile.api import program as program
from autograd.compile.api import source as source
from autograd.debug.anomaly import Anomaly as Anomaly
from autograd.debug.anomaly import detect_anomaly as detect_anomaly
from autograd.debug.anomaly import find_anomalies as find_anomalies
from autograd.debug.cost import multiply_adds as multiply_adds
from autograd.debug.expand import Expansion as Expansion
from autograd.debug.expand import expand as expand
from autograd.debug.explain import Explanation as Explanation
from autograd.debug.explain import explain as explain
from autograd.debug.replay import Replay as Replay
from autograd.debug.replay import replay as replay
from autograd.debug.source_lines import SourceLine as SourceLine
from autograd.debug.source_lines import line_of as line_of
from autograd.debug.source_lines import record_lines as record_lines
from autograd.debug.watch import watch_backward as watch_backward
from autograd.derivation.api import derive as derive
from autograd.engine import recording as recording
from autograd.engine.backward import collect_gradients as collect_gradients
from autograd.engine.backward import gradients as gradients
from autograd.engine.graph import Node as Node
from autograd.engine.graph import ancestors as ancestors
from autograd.engine.graph import data_of as data_of
from autograd.engine.note import Scope as Scope
from autograd.engine.part import part as part
from autograd.engine.primitive import Primitive as Primitive
from autograd.engine.recording import enable_grad as enable_grad
from autograd.engine.recording import is_recording as is_recording
from autograd.engine.recording import no_grad as no_grad
from autograd.errors import AnomalyError as AnomalyError
from autograd.errors import DTypeError as DTypeError
from autograd.errors import GradientCheckError as GradientCheckError
from autograd.errors import GraphError as GraphError
from autograd.errors import RenderError as RenderError
from autograd.errors import ShapeError as ShapeError
from autograd.errors import UnsupportedError as UnsupportedError
from autograd.names import of_package as __getattr__  # noqa: F401
from autograd.nodes.device import from_cupy as from_cupy
from autograd.nodes.dlpack import from_dlpack as from_dlpack
from autograd.nodes.tensor import Tensor as Tensor
from autograd.nodes.value import Value as Value
from autograd.numpy import *
from autograd.testing.backward import BackwardReport as BackwardReport
from autograd.testing.backward import Mistake as Mistake
from autograd.testing.backward import check_backward as check_backward
from autograd.testing.backward import check_derivative as check_derivative
from autograd.testing.gradcheck import check_gradients as check_gradients
from autograd.testing.gradcheck import numerical_gradient as numerical_gradient
from autograd.testing.report import GradientReport as GradientReport
from autograd.transforms import *
from autograd.version import __version__ as __version__
from autograd.visualize.draw import Drawing as Drawing
from autograd.visualize.draw import draw as draw
from autograd.visualize.play import play as play

# Type checkers take names imported by `*` or `as` as public. mypy reads only a literal list.
if not TYPE_CHECKING:
    __all__ = [
        "Anomaly",
        "AnomalyError",
        "BackwardReport",
        "DTypeError",
        "Drawing",
        "Expansion",
        "Explanation",
        "GradientCheckError",
        "GradientReport",
        "GraphError",
        "Mistake",
        "Node",
        "Primitive",
        "RenderError",
        "Replay",
        "Scope",
        "ShapeError",
        "SourceLine",
        "Tensor",
        "UnsupportedError",
        "Value",
        "ancestors",
        "check_backward",
        "check_derivative",
        "check_gradients",
        "collect_gradients",
        "compile",
        "data_of",
        "derive",
        "detect_anomaly",
        "draw",
        "enable_grad",
        "errors",
        "expand",
        "explain",
        "find_anomalies",
        "from_cupy",
        "from_dlpack",
        "gradients",
        "is_recording",
        "line_of",
        "multiply_adds",
        "names",
        "no_grad",
        "numerical_gradient",
        "part",
        "play",
        "primitives",
        "program",
        "random",
        "record_lines",
        "recording",
        "replay",
        "source",
        "tables",
        "watch_backward",
        *numpy.__all__,
        *transforms.__all__,
    ]
