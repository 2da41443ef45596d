"""Survivors that are no mistakes, by the reason."""

from __future__ import annotations

EXPLAINED: dict[str, tuple[str, ...]] = {
    "the method of the base class is only a signature; each backend has its own": (
        "autograd/engine/backend.py:Backend.fit: constant changed: False → True",
    ),
    "a note without hooks that does not retain its gradient changes nothing in the block": (
        "autograd/engine/backward.py:walk: condition dropped: note is not None and note.acts → note is not None",
    ),
    "a nan brings the careful pass, which computes the same where there is none; only time is saved": (
        "autograd/engine/backward.py:walk: condition dropped: not careful and node._backend.has_nan([data_of(g)]) → not careful",
    ),
    "a constant node is passed on as a node whose datum is the same; only time is saved": (
        "autograd/engine/backward.py:_as_given: condition dropped: x is None or not x.requires_grad → x is None",
    ),
    "the loop over numbers finds what the general walk finds; a backend without shapes is the one that keeps every gradient, and `create_graph` always comes with wanted nodes": (
        "autograd/engine/backward.py:cotangents_of: condition dropped: wanted is None and (not create_graph) and (not backend.has_shape) → not create_graph and (not backend.has_shape)",
        "autograd/engine/backward.py:cotangents_of: condition dropped: wanted is None and (not create_graph) and (not backend.has_shape) → wanted is None and (not backend.has_shape)",
        "autograd/engine/backward.py:cotangents_of: condition dropped: wanted is None and (not create_graph) and (not backend.has_shape) → wanted is None and (not create_graph)",
    ),
    "the text of a docstring": (
        "autograd/engine/graph.py:: doc= dropped: property(operator.attrgetter('_grad'), _set_grad, doc=\"The accumulated gradient, as plain data. Assign one of the node's shape and dtype to replace it, or None to clear it.\") → property(operator.attrgetter('_grad'), _set_grad)",
        "autograd/nodes/tensor.py:: doc= dropped: property(attrgetter('_data.dtype'), doc='The NumPy dtype of the entries.') → property(attrgetter('_data.dtype'))",
    ),
    "a primitive without rules has no inputs that are nodes, so nothing is ever pulled": (
        "autograd/engine/primitive.py:Primitive.__init__: condition dropped: not self.n_ary and rules → not self.n_ary",
    ),
    "the general way of making a node gives the same; only time is saved": (
        "autograd/engine/primitive.py:Primitive.__call__: and for or: not static or len(args) == 1 → not static and len(args) == 1",
        "autograd/engine/primitive.py:Primitive.__call__: condition dropped: self._unrolls and cls not in calls → self._unrolls",
        "autograd/engine/primitive.py:Primitive.__call__: assignment dropped: calls[cls] = unary(self, backend) if one else binary(self, backend)[0]",
    ),
    "a wrapper takes any number of arguments, so its own code says that it fits": (
        "autograd/engine/primitive.py:takes: condition dropped: code is None or hasattr(function, '__wrapped__') → code is None",
    ),
    "a root is not its own input, and its cotangent is assigned before the loop": (
        "autograd/engine/unrolled.py:_mark: assignment dropped: root._cotangent = waiting",
    ),
    "a note without hooks leaves the cotangent as it is, and a nan comes out as one all the same": (
        "autograd/engine/unrolled.py:_walk_alone: condition dropped: node.note is not None and node.note.hooks → node.note is not None",
    ),
    "the map is linear in this cotangent, so any numbers but zeros give the same": (
        "autograd/transforms/products.py:_dummy: constant changed: 1.0 → 1.1",
        "autograd/transforms/products.py:_dummy: constant changed: 0.6180339887498949 → 0.6798373876248844",
        "autograd/transforms/products.py:_dummy: constant changed: 0.5 →*",
        "autograd/transforms/products.py:_dummy: constant changed: 0.7310585786300049 →*",
        "autograd/transforms/products.py:_dummy: constant changed: 0 → 1",
        "autograd/transforms/products.py:_dummy: other operator*",
    ),
    "a constant result has no path to an input, so its dummy gets no gradient, which stands for zero": (
        "autograd/transforms/products.py:_dummy: condition dropped: not isinstance(y, Node) or not y.requires_grad → not isinstance(y, Node)",
    ),
    "an array that is not of objects holds no nodes": (
        "autograd/transforms/trace.py:_check_result: condition dropped: data.dtype.hasobject and any((isinstance(entry, Node) for entry in data.flat)) → any((isinstance(entry, Node) for entry in data.flat))",
    ),
    "no other operator of Python's calls `__float__` of an operand": (
        "autograd/nodes/callers.py:formatted: condition dropped: name == OPERATOR and argument in PERCENT → name == OPERATOR",
    ),
    "nothing unpacks into no names": (
        "autograd/nodes/callers.py:unpacked_into: boundary moved: argument >= 0 → argument > 0",
    ),
    "`copy=False` saves a copy of a number": (
        "nn/optim/formulas.py:factor_for: copy= dropped: np.asanyarray(number).astype(array.dtype, copy=False) → np.asanyarray(number).astype(array.dtype)",
        "nn/optim/formulas.py:factor_for: constant changed: False → True",
    ),
    "which of two equal losses or slopes is taken makes no difference to where the search ends": (
        "nn/optim/lbfgs.py:strong_wolfe: boundary moved: trial.loss >= last.loss → trial.loss > last.loss",
        "nn/optim/lbfgs.py:strong_wolfe: boundary moved: trial.slope >= 0 → trial.slope > 0",
        "nn/optim/lbfgs.py:strong_wolfe: boundary moved: t <= left → t < left",
        "nn/optim/lbfgs.py:strong_wolfe: boundary moved: trial.loss >= low.loss → trial.loss > low.loss",
        "nn/optim/lbfgs.py:strong_wolfe: boundary moved: trial.slope * (high.t - low.t) >= 0 → trial.slope * (high.t - low.t) > 0",
    ),
    "a curvature that is exactly at the limit": (
        "nn/optim/lbfgs.py:LBFGS._direction: boundary moved: curvature > 1e-10 → curvature >= 1e-10",
    ),
    "a default, which tests/nn/signatures compares with PyTorch's without calling the function": (
        "nn/optim/adam.py:Adam.__init__: constant changed: False → True #2",
        "nn/optim/adam.py:Adam.__init__: constant changed: 0.001 → 0.0011",
        "nn/optim/adam.py:AdamW.__init__: constant changed: False → True #2",
        "nn/optim/adam.py:Adamax.__init__: constant changed: 0.002 → 0.0022",
        "nn/optim/adam.py:NAdam.__init__: constant changed: False → True #2",
        "nn/optim/adaptive.py:RMSprop.__init__: constant changed: 1e-08 → 1.1000000000000001e-08",
        "nn/optim/adaptive.py:RMSprop.__init__: constant changed: 0.0 → 0.1",
        "nn/optim/adaptive.py:RMSprop.__init__: constant changed: False → True #2",
        "nn/optim/adaptive.py:RMSprop.__init__: constant changed: False → True #4",
        "nn/optim/lbfgs.py:LBFGS.__init__: constant changed: 1e-07 → 1.1e-07",
        "nn/optim/lr_scheduler/combined.py:ReduceLROnPlateau.__init__: constant changed: 0.0001 → 0.00011000000000000002",
        "nn/optim/lr_scheduler/combined.py:ReduceLROnPlateau.__init__: constant changed: 1e-08 → 1.1000000000000001e-08",
        "nn/optim/lr_scheduler/decay.py:MultiStepLR.__init__: constant changed: 0.1 → 0.11000000000000001",
        "nn/optim/lr_scheduler/decay.py:ConstantLR.__init__: constant changed: 5 → 6",
        "nn/optim/lr_scheduler/decay.py:PolynomialLR.__init__: constant changed: 5 → 6",
    ),
    "a tuning constant: a tenth more or less finds the same derivatives": (
        "autograd/testing/differences.py:: constant changed: 0.001 → 0.0011",
        "autograd/testing/differences.py:: constant changed: 0.05 → 0.05500000000000001",
        "autograd/testing/differences.py:Line.__init__: constant changed: 0.0001 →*",
        "autograd/testing/differences.py:Line._at_best: constant changed: 2.0 →*",
        "autograd/testing/differences.py:Line._is_kink: constant changed: 0.5 →*",
        "autograd/testing/differences.py:Line._why_not: constant changed: 0.1 →*",
        "autograd/testing/differences.py:_is_jump: constant changed: 100.0 →*",
        "autograd/testing/locate.py:_kink: constant changed: 1e-06 →*",
        "autograd/testing/locate.py:_kink: constant changed: 1e-12 →*",
        "autograd/testing/locate.py:_kink: constant changed: 6 → 7*",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 16.0 →*",
        "autograd/testing/point.py:PointCheck._row: constant changed: 16.0 →*",
        "autograd/testing/point.py:PointCheck._row: constant changed: 1e-07 →*",
        "autograd/testing/point.py:PointCheck._row: constant changed: 1.0 → 1.1*",
    ),
    "a difference that is exactly at a limit of rounding or of growth": (
        "autograd/testing/differences.py:_settled: boundary moved*",
        "autograd/testing/differences.py:_is_jump: boundary moved*",
        "autograd/testing/differences.py:Line._is_kink: boundary moved*",
        "autograd/testing/differences.py:Line.compare: boundary moved*",
        "autograd/testing/locate.py:_tested: boundary moved: excess > worst[0]*",
    ),
    "only whether it is zero matters": (
        "autograd/testing/locate.py:_kink: other operator: g * (right - left) →*",
    ),
    "`copy=False` saves a copy": (
        "nn/optim/formulas.py:apply_update: copy= dropped*",
        "nn/optim/formulas.py:apply_update: constant changed: False → True*",
    ),
    "a number of the array's dtype by another way": (
        "nn/optim/formulas.py:factor_for: not dropped*",
    ),
    "the power of two below 1.1 is that below 1": (
        "nn/optim/clipping.py:_power_of_two: constant changed: 1.0 → 1.1",
    ),
    "the iteration gives the same matrix from either side; only time is saved": (
        "nn/optim/muon.py:orthonormal: boundary moved*",
        "nn/optim/muon.py:orthonormal: comparison inverted*",
        "nn/optim/muon.py:orthonormal: constant changed: 0 → 1*",
    ),
    "the general norm of order 2 is the same": (
        "nn/optim/clipping.py:_norm: constant changed: 2.0 → 2.2",
    ),
    "the largest magnitude of nothing, whose norm is 0 at every scale": (
        "nn/optim/clipping.py:_joint_norm: constant changed: 0.0 → 0.1",
    ),
    "a variance that is known for exactly 5 steps, and what stands where it is not known": (
        "nn/optim/radam.py:RAdam.update: boundary moved: length > 5.0*",
        "nn/optim/radam.py:RAdam.update: constant changed: 5.0 → 5.5 #2",
    ),
    "two trials at one distance, or a straight line without a slope": (
        "nn/optim/lbfgs.py:_cubic_minimum: boundary moved: a.t > b.t*",
        "nn/optim/lbfgs.py:_cubic_minimum: boundary moved: b.slope < 0*",
    ),
    "a curvature, a step or a change of the loss that is exactly at the limit": (
        "nn/optim/lbfgs.py:LBFGS._direction: boundary moved*",
        "nn/optim/lbfgs.py:LBFGS._direction: constant changed: 1e-10 →*",
        "nn/optim/lbfgs.py:LBFGS.step: boundary moved*",
    ),
    "a loss, a slope or a width that is exactly at the limit": (
        "nn/optim/lbfgs.py:strong_wolfe: boundary moved*",
    ),
    "a constant in a sum that is differentiated": (
        "autograd/transforms/products.py:hvp: constant changed: 0.0 → 0.1",
    ),
    "a default of an option that is always given": (
        "autograd/testing/report.py:: constant changed: 0.0 → 0.1 #7",
    ),
    "variables that do not move may stay real": (
        "autograd/testing/point.py:PointCheck._complex: assignment dropped: p._data = data.astype(complex)",
    ),
}
