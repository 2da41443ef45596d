"""Resizing as modules."""

from __future__ import annotations

from typing import Any

from nn import functional as f
from nn.functional.interpolation import check_resize
from nn.layers.function import FunctionModule


class Upsample(FunctionModule):
    """Resizes the input along its last one to three axes; see `nn.functional.interpolate`.

    Example:
        >>> import nn
        >>> nn.Upsample(scale_factor=2)(ag.Tensor([[[1.0, 3.0]]])).tolist()
        [[[1.0, 1.0, 3.0, 3.0]]]
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        options = {"size": size, "scale_factor": scale_factor, "mode": mode}
        options |= {"align_corners": align_corners}
        check_resize("Upsample", **options, recompute_scale_factor=recompute_scale_factor)
        if recompute_scale_factor:
            options |= {"recompute_scale_factor": True}
        super().__init__(f.interpolate, **options)


class UpsamplingNearest2d(FunctionModule):
    """Repeats the entries of images; see `nn.functional.interpolate`.

    Example:
        >>> import nn
        >>> nn.UpsamplingNearest2d(scale_factor=2)(ag.Tensor([[[[1.0, 3.0]]]])).tolist()
        [[[[1.0, 1.0, 3.0, 3.0], [1.0, 1.0, 3.0, 3.0]]]]
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        check_resize("UpsamplingNearest2d", size, scale_factor, "nearest", None, None)
        super().__init__(f.interpolate, size=size, scale_factor=scale_factor, mode="nearest")


class UpsamplingBilinear2d(FunctionModule):
    """Interpolates images between fixed corners; see `nn.functional.interpolate`.

    Example:
        >>> import nn
        >>> nn.UpsamplingBilinear2d(size=(1, 3))(ag.Tensor([[[[1.0, 3.0]]]])).tolist()
        [[[[1.0, 2.0, 3.0]]]]
    """

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        check_resize("UpsamplingBilinear2d", size, scale_factor, "bilinear", True, None)
        options = {"size": size, "scale_factor": scale_factor, "mode": "bilinear"}
        super().__init__(f.interpolate, **options, align_corners=True)
