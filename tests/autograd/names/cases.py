"""PyTorch's expression for each name of the tables whose recipe can be run, and its arguments."""

import numpy as np

rng = np.random.default_rng(0)
# What recipes call their arguments; PyTorch's expressions see arrays as tensors.
GIVEN = {
    "x": rng.normal(size=(3, 4)), "y": rng.normal(size=(3, 4)), "p": rng.uniform(0.1, 0.9, (3, 4)),
    "a": rng.normal(size=(3, 3)), "b": rng.normal(size=(3, 3)), "v": rng.normal(size=3), "u": rng.normal(size=3),
    "axis": 1, "dim": 1, "axis1": 0, "axis2": 1, "axes": (1, 0), "source": 0, "destination": 1, "k": 2, "n": 3,
    "low": -0.5, "high": 0.5, "value": 0.75, "weight": 0.25, "start": 1, "length": 2, "repeats": 2, "index": 1,
    "chunks": 2, "sections": 2, "mask": rng.normal(size=(3, 4)) > 0, "indices": np.array([1, 0]),
    "shape": (4, 3), "exponent": 3.0, "start_dim": 0, "end_dim": 1, "bins": 4,
}  # fmt: skip
WIDE = rng.normal(size=(7, 2))
SYMMETRIC = GIVEN["a"] @ GIVEN["a"].T + np.eye(3)
LINE = rng.normal(size=6)
FAR = np.array([-800.0, 1.0, 700.0, 700.5])

# Names of functions and methods alike: PyTorch's expression of `x`, and other arguments.
BOTH = {
    "chunk": ("torch.chunk(x, 3)", {"x": WIDE, "n": 3}), "unsqueeze": ("x.unsqueeze(0)", {"axis": 0}),
    "tensor_split": ("torch.tensor_split(x, 2)", {"x": WIDE}), "unbind": ("torch.unbind(x)", {}),
    "t": ("x.t()", {}), "swapdims": ("x.swapdims(0, 1)", {}), "movedim": ("x.movedim(0, 1)", {}),
    "narrow": ("x.narrow(0, 1, 2)", {}), "numel": ("torch.tensor(x.numel())", {}),
    "repeat_interleave": ("x.repeat_interleave(2, 1)", {}), "adjoint": ("x.adjoint()", {}),
    "masked_fill": ("x.masked_fill(mask, 0.75)", {}), "masked_select": ("x.masked_select(mask)", {}),
    "gather": ("x.gather(1, indices)", {"indices": np.array([[1], [0], [3]])}),
    "take_along_dim": ("x.take_along_dim(indices, 1)", {"indices": np.array([[1], [0], [3]])}),
    "index_select": ("x.index_select(1, indices)", {}), "topk": ("x.topk(2).values", {}),
    "kthvalue": ("x.kthvalue(2).values", {}),
    "clamp": ("x.clamp(-0.5, 0.5)", {}), "clamp_min": ("x.clamp_min(-0.5)", {}), "clamp_max": ("x.clamp_max(0.5)", {}),
    "rsqrt": ("x.rsqrt()", {"x": GIVEN["p"]}), "sgn": ("x.sgn()", {}), "frac": ("x.frac()", {"x": 3 * GIVEN["x"]}),
    "asin": ("x.asin()", {"x": GIVEN["p"]}), "acos": ("x.acos()", {"x": GIVEN["p"]}), "atan": ("x.atan()", {}),
    "asinh": ("x.asinh()", {}), "acosh": ("x.acosh()", {"x": 1 + GIVEN["p"]}), "atanh": ("x.atanh()", {"x": GIVEN["p"]}),
    "eq": ("x.eq(y)", {}), "ne": ("x.ne(y)", {}), "lt": ("x.lt(y)", {}), "le": ("x.le(y)", {}),
    "gt": ("x.gt(y)", {}), "ge": ("x.ge(y)", {}), "isnan": ("x.isnan()", {}), "isfinite": ("x.isfinite()", {}),
    "var_mean": ("torch.var_mean(x)", {}), "std_mean": ("torch.std_mean(x)", {}), "aminmax": ("tuple(x.aminmax())", {}),
    "dist": ("torch.dist(x, y, 3)", {"p": 3}),
    "inverse": ("x.inverse()", {"x": SYMMETRIC, "a": SYMMETRIC}), "pinverse": ("x.pinverse()", {"a": GIVEN["x"]}),
    "det": ("x.det()", {"x": SYMMETRIC, "a": SYMMETRIC}), "logdet": ("x.logdet()", {"x": SYMMETRIC, "a": SYMMETRIC}),
    "cholesky": ("x.cholesky()", {"x": SYMMETRIC, "a": SYMMETRIC}),
    "matrix_power": ("x.matrix_power(3)", {"x": GIVEN["a"]}), "count_nonzero": ("x.count_nonzero()", {}),
}  # fmt: skip
FUNCTIONS = BOTH | {
    "argsort": ("x.argsort(1)", {}),
    "cat": ("torch.cat([x, y])", {"tensors": "[x, y]"}), "concat": ("torch.cat([x, y])", {"tensors": "[x, y]"}),
    "row_stack": ("torch.row_stack([x, y])", {"tensors": "[x, y]"}), "permute": ("x.permute(1, 0)", {}),
    "flatten": ("x.flatten(0, 1)", {}), "msort": ("x.msort()", {}), "diag_embed": ("torch.diag_embed(x)", {"n": 4}),
    "broadcast_tensors": ("torch.broadcast_tensors(x, y)", {"y": GIVEN["y"][:1]}),
    "fix": ("x.fix()", {}), "atan2": ("torch.atan2(y, x)", {}), "float_power": ("x.float_power(y)", {"x": GIVEN["p"]}),
    "lerp": ("torch.lerp(a, b, 0.25)", {}),
    "addcmul": ("torch.addcmul(x, a, b, value=0.75)", {"x": GIVEN["a"] * 2}),
    "addcdiv": ("torch.addcdiv(x, a, b, value=0.75)", {"x": GIVEN["a"] * 2}), "expit": ("torch.sigmoid(x)", {}),
    "silu": ("torch.nn.functional.silu(x)", {}), "gelu": ("torch.nn.functional.gelu(x)", {}), "rsub": ("torch.rsub(x, y)", {}),
    "heaviside": ("torch.heaviside(x, torch.tensor(0.75, dtype=x.dtype))", {"x": np.array([-1.0, 0.0, 2.0])}),
    "mm": ("a.mm(b)", {}), "mv": ("a.mv(v)", {}),
    "bmm": ("torch.bmm(a, b)", {"a": rng.normal(size=(2, 3, 3)), "b": rng.normal(size=(2, 3, 3))}), "ger": ("torch.outer(u, v)", {}),
    "addmm": ("torch.addmm(x, a, b)", {"x": GIVEN["b"]}), "addmv": ("torch.addmv(x, a, v)", {"x": GIVEN["u"]}),
    "chain_matmul": ("torch.chain_matmul(a, b, a)", {"matrices": "[a, b, a]"}), "cdist": ("torch.cdist(a, b)", {}),
    "slogdet": ("tuple(torch.linalg.slogdet(a))", {}), "matrix_transpose": ("x.mT", {}),
    "solve": ("torch.linalg.solve(a, b)", {}), "cond": ("torch.linalg.cond(a)", {}),
    "angle": ("x.angle()", {}), "histc": ("torch.histc(x, 4)", {}), "softmin": ("torch.nn.functional.softmin(x, 1)", {}),
    "isclose": ("x.isclose(y)", {}), "searchsorted": ("torch.searchsorted(torch.arange(4.0).double(), x)", {"sorted": np.arange(4.0)}),
    "bucketize": ("torch.bucketize(x, torch.arange(4.0).double())", {"boundaries": np.arange(4.0)}),
}  # fmt: skip
METHODS = BOTH | {
    "select": ("x.select(0, 1)", {}), "erfc": ("x.erfc()", {}), "logcumsumexp": ("x.logcumsumexp(1)", {}),
    "view": ("x.view(4, 3)", {}), "permute": ("x.permute(1, 0)", {}), "mH": ("x.mH", {}), "add": ("x.add(y)", {}),
    "sub": ("x.sub(y)", {}), "mul": ("x.mul(y)", {}), "div": ("x.div(y)", {}), "pow": ("x.pow(3)", {}), "neg": ("x.neg()", {}),
    "expand": ("x.expand(2, 3, 4)", {"shape": (2, 3, 4)}), "atan2": ("x.atan2(y)", {}), "lerp": ("x.lerp(y, 0.25)", {}),
    "norm": ("x.norm()", {}), "amax": ("x.amax(1)", {}), "amin": ("x.amin(1)", {}), "addmm": ("x.addmm(a, b)", {"x": GIVEN["b"]}),
    "xlogy": ("x.xlogy(y)", {"y": GIVEN["p"]}), "logit": ("x.logit()", {"x": GIVEN["p"]}), "true_divide": ("x.true_divide(y)", {}),
    "float_power": ("x.float_power(3)", {}), "logical_not": ("x.logical_not()", {}), "gelu": ("torch.nn.functional.gelu(x)", {}),
    "silu": ("torch.nn.functional.silu(x)", {}), "cov": ("x.cov()", {"n": 4}), "mm": ("x.mm(y.T)", {"other": "y.T"}),
}  # fmt: skip
EXTREME = {  # where a shorter recipe would overflow
    "logcumsumexp": ("x.logcumsumexp(0)", {"x": FAR, "axis": 0}),
    "logaddexp": ("torch.logaddexp(x, x)", {"x": FAR}),
}
