"""Survivors that are no mistakes, by the reason."""

from __future__ import annotations

EXPLAINED: dict[str, tuple[str, ...]] = {
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
    "`copy=False` saves a copy of a number": (
        "nn/optim/formulas.py:factor_for: copy= dropped: np.asanyarray(number).astype(array.dtype, copy=False) → np.asanyarray(number).astype(array.dtype)",
        "nn/optim/formulas.py:factor_for: constant changed: False → True",
    ),
    "a slope of 0 is flat, and has ended the search; a bracket has a width": (
        "nn/optim/lbfgs.py:_Search.bracket: boundary moved: trial.slope >= 0 → trial.slope > 0",
        "nn/optim/lbfgs.py:_Search.narrow: boundary moved: trial.slope * (high.t - low.t) >= 0 → trial.slope * (high.t - low.t) > 0",
    ),
    "a distance that is exactly a tenth of the width from an end; none so near is in the middle": (
        "nn/optim/lbfgs.py:_inside: boundary moved: min(right - t, t - left) >= margin → min(right - t, t - left) > margin",
        "nn/optim/lbfgs.py:_inside: boundary moved: abs(t - right) < abs(t - left) → abs(t - right) <= abs(t - left)",
    ),
    "only the sign matters, and a bracket has a width": (
        "nn/optim/lbfgs.py:_Search.narrow: other operator: trial.slope * (high.t - low.t) → trial.slope / (high.t - low.t)",
    ),
    "a curvature that is exactly at the limit": (
        "nn/optim/lbfgs.py:LBFGS._direction: boundary moved: curvature > 1e-10 → curvature >= 1e-10",
    ),
    "a tuning constant: a tenth more or less finds the same derivatives": (
        "autograd/testing/differences.py:: constant changed: 0.001 → 0.0011",
        "autograd/testing/differences.py:Line.__init__: constant changed: 0.0001 →*",
        "autograd/testing/differences.py:Line._at_best: constant changed: 2.0 →*",
        "autograd/testing/differences.py:Line._is_kink: constant changed: 0.5 →*",
        "autograd/testing/differences.py:Line._why_not: constant changed: 0.1 →*",
        "autograd/testing/differences.py:Line.__init__: constant changed: 1e-06 →*",
        "autograd/testing/differences.py:Line.compare: constant changed: 0.1 →*",
        "autograd/testing/differences.py:Line.compare: constant changed: 4 → 5",
        "autograd/testing/differences.py:Line._at_best: constant changed: 4.0 →*",
        "autograd/testing/differences.py:Line._at_best: constant changed: 0.5 →*",
        "autograd/testing/differences.py:_smooth: constant changed: 0.1 →*",
        "autograd/testing/differences.py:Line._why_not: constant changed: 0.01 →*",
        "autograd/testing/differences.py:_errors: constant changed: 50.0 →*",
        "autograd/testing/differences.py:_is_jump: constant changed: 1.5 →*",
        "autograd/testing/locate.py:: constant changed*",
        "autograd/testing/locate.py:_kink: constant changed: 0.001 →*",
        "autograd/testing/locate.py:_kink: constant changed: 0.01 →*",
        "autograd/testing/locate.py:_kink: constant changed: 1e-08 →*",
        "autograd/testing/locate.py:_tested: constant changed: 1e-300 →*",
        "autograd/testing/point.py:: constant changed*",
        "autograd/testing/point.py:_jittered: constant changed*",
        "autograd/testing/point.py:_rounding_of: constant changed: 4.0 →*",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 64.0 →*",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 8.0 →*",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 2.0 →*",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 1 → 2",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 2 → 3",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 4 → 5",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 16 → 17*",
        "autograd/testing/point.py:PointCheck._own_rounding: constant changed: 1.0 → 1.1*",
        "autograd/testing/point.py:PointCheck._row: constant changed: 0.5 →*",
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
        "autograd/testing/differences.py:_smooth: boundary moved*",
        "autograd/testing/differences.py:Slopes.gap: boundary moved*",
        "autograd/testing/differences.py:Line._at_best: boundary moved*",
        "autograd/testing/differences.py:Line._is_kink: boundary moved*",
        "autograd/testing/differences.py:Line._why_not: boundary moved*",
        "autograd/testing/differences.py:Line.compare: boundary moved*",
        "autograd/testing/locate.py:_tested: boundary moved: excess > worst[0]*",
        "autograd/testing/locate.py:_kink: boundary moved*",
        "autograd/testing/point.py:_jittered: boundary moved*",
        "autograd/testing/point.py:PointCheck._own_rounding: boundary moved*",
        "autograd/testing/point.py:PointCheck._row: boundary moved: error <=*",
    ),
    "a kink shows at any two steps that rounding leaves room for": (
        "autograd/testing/differences.py:Line._at_best: constant changed: 1 → 2 #2",
    ),
    "where it matters, the two gaps are about equal": (
        "autograd/testing/locate.py:_kink: constant changed: 0 → 1 #2",
        "autograd/testing/locate.py:_kink: constant changed: 0 → 1 #4",
    ),
    "any random directions find the same mistakes": (
        "autograd/testing/locate.py:find_culprits: constant changed: 0 → 1",
    ),
    "any weights of the results and any cotangents but zeros do": (
        "autograd/testing/point.py:_weights: constant changed*",
        "autograd/testing/point.py:_weights: other operator*",
        "autograd/testing/point.py:PointCheck.gradient_function: constant changed: 0.7 →*",
        "autograd/testing/point.py:PointCheck.gradient_function: other operator: _weights(_shape(y)) * 0.7 →*",
    ),
    "without conventions there are none to find; only a run that records lines is saved": (
        "autograd/testing/point.py:PointCheck.conventions: condition dropped: total is None or not find_conventions(total) → total is None",
    ),
    "the norm of None is nan, which is above nothing": (
        "autograd/testing/locate.py:_kink: condition dropped: g is not None and norm_of(g) > 1e-12 * norm_of(other) → norm_of(g) > 1e-12 * norm_of(other)",
    ),
    "a growth that is below every limit": (
        "autograd/testing/differences.py:_is_jump: constant changed: 0.0 → 0.1",
    ),
    "the rounding of slopes that are no numbers, which nothing reads": (
        "autograd/testing/differences.py:Line.slopes: constant changed: 0.0 → 0.1",
    ),
    "slopes without a gap are at no kink; only two evaluations are saved": (
        "autograd/testing/differences.py:Line.compare: condition dropped: first.gap and self._is_kink(first, self.slopes(0.1 * self.step)) → self._is_kink(first, self.slopes(0.1 * self.step))",
    ),
    "only whether it is zero matters": (
        "autograd/transforms/trace.py:Trace.__init__: constant changed: 1 → 2",
        "autograd/testing/locate.py:_kink: other operator: g * (right - left) →*",
    ),
    "`copy=False` saves a copy": (
        "nn/optim/formulas.py:apply_update: copy= dropped*",
        "nn/optim/formulas.py:apply_update: constant changed: False → True",
        "nn/optim/formulas.py:apply_update: constant changed: False → True #2",
        "autograd/nodes/tensor.py:Tensor._inplace: copy= dropped*",
        "autograd/nodes/tensor.py:Tensor._inplace: constant changed: False → True",
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
    ),
    "a scheduler is made before it steps, and the clock counts both, so none steps at 1": (
        "nn/optim/lr_scheduler/scheduler.py:LRScheduler._check_composes: constant changed: 0 → 1",
    ),
    "of a group that is 0, nothing is left, whatever divides it": (
        "nn/optim/proximal.py:GroupLasso.prox: constant changed: 1.0 → 1.1 #2",
    ),
    "an array without axes has no other axes, whichever is the group's": (
        "nn/optim/proximal.py:GroupLasso.prox: constant changed: 0 → 1",
    ),
    "the clock may start at any number above 0": (
        "nn/optim/lr_scheduler/scheduler.py:: constant changed: 1 → 2",
    ),
    "schedulers that are gone are left out wherever they are looked at": (
        "nn/optim/lr_scheduler/scheduler.py:LRScheduler.__init__: assignment dropped: living[:] = [reference for reference in living if reference() is not None]",
    ),
    "at the top, the way up and the way down give 1": (
        "nn/optim/lr_scheduler/cyclic.py:CyclicLR._height: boundary moved: place <= self.up → place < self.up",
    ),
    "the loop after it finds the same place, only later": (
        "nn/optim/lr_scheduler/cycle.py:CosineAnnealingWarmRestarts.lr_at: other operator: epoch %= length → epoch += length",
    ),
    "no state has all of these names: PyTorch's leave out the optimizer": (
        "nn/optim/lr_scheduler/scheduler.py:LRScheduler._from_pytorch: boundary moved*",
    ),
    "a constant in a sum that is differentiated": (
        "autograd/transforms/products.py:hvp: constant changed: 0.0 → 0.1",
    ),
    "a default of an option that is always given": (
        "autograd/testing/report.py:: constant changed: 0.0 → 0.1 #7",
    ),
    "a method of the base class, which only raises": (
        "autograd/engine/backend.py:Backend.fit: constant changed: False → True",
        "autograd/nodes/operators.py:Operators.item: raise dropped: raise NotImplementedError",
        "autograd/nodes/operators.py:Operators._inplace: raise dropped: raise NotImplementedError",
    ),
    "the first pass to look at, and whether passes are counted up or down, do not matter": (
        "autograd/engine/backward.py:: constant changed: 0 → 1",
        "autograd/engine/backward.py:backward: other operator: _passes += 1 → _passes -= 1",
    ),
    "without collectors, none of them collects": (
        "autograd/engine/backward.py:cotangents_of: condition dropped: _collectors and (not wanted) → not wanted",
    ),
    "the cotangents of all nodes are wanted of graphs of Values only, which have no shape": (
        "autograd/engine/backward.py:cotangents_of: condition dropped: wanted is None and (not backend.has_shape) → wanted is None",
    ),
    "True needs no check either": (
        "autograd/engine/backward.py:gradients: constant changed: False → True #2",
        "autograd/nodes/tensor.py:Tensor.__init__: constant changed: False → True #3",
    ),
    "a note without hooks that retains no gradient changes nothing": (
        "autograd/engine/backward.py:walk: condition dropped: note is not None and note.acts → note is not None",
        "autograd/engine/unrolled.py:_walk_alone: condition dropped: node.note is not None and node.note.hooks → node.note is not None",
    ),
    "`record` makes the node that the fast form makes; only time is lost": (
        "autograd/engine/primitive.py:Primitive.__call__: and for or: not static or len(args) == 1 →*",
        "autograd/engine/primitive.py:Primitive.__call__: condition dropped: not static or len(args) == 1 →*",
        "autograd/engine/primitive.py:Primitive.__call__: assignment dropped: calls[cls] =*",
        "autograd/engine/primitive.py:Primitive.__call__: comparison inverted: cls not in calls →*",
        "autograd/engine/primitive.py:Primitive.__init__: boundary moved: len(rules) > 2 → len(rules) >= 2",
    ),
    "the fast form is made again, as it was": (
        "autograd/engine/primitive.py:Primitive.__call__: condition dropped: self._unrolls and cls not in calls → self._unrolls",
    ),
    "only time is saved: plain data are no nodes, and a node of the class itself is an instance": (
        "autograd/engine/primitive.py:Primitive.__call__: condition dropped: cls not in PLAIN and isinstance(x, Node) → isinstance(x, Node)",
    ),
    "a primitive without rules takes no arguments, so it makes no nodes": (
        "autograd/engine/primitive.py:Primitive.__init__: condition dropped: not self.n_ary and rules → not self.n_ary",
        "autograd/engine/primitive.py:Primitive.__init__: condition dropped: bool(rules) and (not self.n_ary) and (None not in rules) → not self.n_ary and None not in rules",
    ),
    "None has no code that could tell how many arguments it takes": (
        "autograd/engine/primitive.py:check_parts: condition dropped: rule is not None and (not takes(rule, 2 + len(rules))) →*",
    ),
    "no thread has the number 0 or 1": (
        "autograd/engine/unrolled.py:: constant changed: 0 → 1",
        "autograd/engine/unrolled.py:walk_numbers: constant changed: 0 → 1",
    ),
    "variables that do not move may stay real": (
        "autograd/testing/point.py:PointCheck._complex: assignment dropped: p._data = data.astype(complex)",
    ),
    "an entry dies with its array, whose id no other has until then": (
        "autograd/engine/looking.py:cut_from: condition dropped: found is not None and found[0]() is array → found is not None",
        "autograd/engine/looking.py:look_at: condition dropped: found is not None and found.array() is data → found is not None",
        "autograd/engine/looking.py:made_of: condition dropped: made is not None and made.array() is array → made is not None",
    ),
    "a bound of what is remembered, which may be one more": (
        "autograd/engine/looking.py:: constant changed*",
        "autograd/engine/kept.py:: constant changed: 16 → 17 #2",
    ),
    "a node that an operation computed never has the note of a constant": (
        "autograd/engine/looking.py:_step: condition dropped: x is not None and x.op is None and (x.note is QUIET) → x is not None and x.note is QUIET",
    ),
    "`[...]` of an array without axes is a view of the same number": (
        "autograd/engine/looking.py:condition: condition dropped: own and getattr(result, 'shape', None) == () and (type(result) is not type(nodes[0]._data)) → own and getattr(result, 'shape', None) == ()",
    ),
    "only what is before the first dot is read": (
        "autograd/engine/looking.py:_is_of_library: constant changed: 1 → 2",
    ),
    "the frame that is left out is of this file, which names nothing": (
        "autograd/engine/looking.py:caller: constant changed: 1 → 2",
    ),
    "a node with a hook has a note from then on, and a note without the hook is copied as it is": (
        "autograd/engine/graph.py:Node.register_hook: and for or: self.note is not None and key in self.note.hooks*",
        "autograd/engine/graph.py:Node.register_hook: condition dropped: self.note is not None and key in self.note.hooks*",
    ),
    "of this variable, only the tokens are used": (
        "autograd/engine/recording.py:: default= dropped: ContextVar('began', default=None) → ContextVar('began')",
    ),
    "a label for whoever debugs, of a note that no node gets": (
        "autograd/engine/recording.py:: label= dropped: Note(label='recording is off') → Note()",
    ),
    "a mark takes a number that no node has": (
        "autograd/engine/kept.py:look: boundary moved: root.number > _marks[-1][1] → root.number >= _marks[-1][1]",
    ),
    "`copy=False` saves a copy of an array that is new": (
        "nn/training/skeleton.py:as_stored: copy= dropped: array.astype(array.dtype.newbyteorder('='), copy=False) → array.astype(array.dtype.newbyteorder('='))",
        "nn/training/skeleton.py:as_stored: constant changed: False → True",
        "nn/training/tensor_file.py:read_arrays: copy= dropped: x.astype(x.dtype.newbyteorder('='), copy=False) → x.astype(x.dtype.newbyteorder('='))",
        "nn/training/tensor_file.py:read_arrays: constant changed: False → True",
        "nn/training/torch_file.py:Archive.as_array: constant changed: False → True",
    ),
    "a round limit, which may be one more": (
        "nn/training/pickle_stream.py:: constant changed: 100000000 → 100000001",
        "nn/training/pickle_stream.py:: constant changed: 5000000 → 5000001",
        "nn/training/tensor_file.py:: constant changed: 100000 → 100001",
        "nn/training/torch_file.py:: constant changed: 1000000 → 1000001",
    ),
    "the same is refused later, by the heights or as a circle; this refuses it before more is walked": (
        "nn/training/pickle_stream.py:check_depth: raise dropped: raise Damaged(f'containers in more than {DEEPEST} levels') #2",
    ),
    "entries never take a whole zip file, which has a directory too": (
        "nn/training/torch_file.py:Archive.entry: constant changed: 0 → 1",
    ),
    "only `not` of it is read": (
        "nn/training/torch_file.py:repeats: returns None: return False → return None",
    ),
    "any negative length stands for the one that is left": (
        "nn/training/tensor_file.py:_bytes_of: constant changed: 1 → 2",
    ),
    "None has no gradient to require, which is an AttributeError too": (
        "autograd/nodes/operators.py:_NoMask.__get__: condition dropped: node is None or not node.requires_grad or (not (tracing.get() or is_recording())) → not node.requires_grad or not (tracing.get() or is_recording())",
    ),
    "the first two instructions of a frame call nothing": (
        "autograd/nodes/callers.py:_instruction: condition dropped: at >= 2 and code[at - 2] == EXTENDED → code[at - 2] == EXTENDED",
        "autograd/nodes/callers.py:_instruction: boundary moved: at >= 2 → at > 2",
        "autograd/nodes/callers.py:_instruction: constant changed: 2 → 3",
    ),
    "any negative number stands for a long argument": (
        "autograd/nodes/callers.py:_instruction: constant changed: 1 → 2",
    ),
    "`%` is the only operator that asks its operand for a number": (
        "autograd/nodes/callers.py:formatted: condition dropped: name == OPERATOR and argument in PERCENT → name == OPERATOR",
    ),
    "an error of NumPy's with these words has no cause, or has ours": (
        "autograd/nodes/callers.py:raise_in: condition dropped: found.__cause__ is None and str(found) == BARE → str(found) == BARE",
    ),
    "NumPy makes a capsule without a version for a version that has none": (
        "autograd/nodes/dlpack.py:capsule: condition dropped: max_version is not None and max_version >= READ_ONLY → max_version is not None #2",
    ),
}
