"use strict";
// Computes a graph again: kernels for NumPy's operations, and the forward and the backward pass.
// An array is { data: Float64Array, shape: [...], dtype: "float64" }; booleans and integers are
// stored as floats. Derivatives stand in the programs of the recipe, which Python wrote down.

const interpreter = (() => {
  const kernels = new Map();
  const sizeOf = (shape) => shape.reduce((n, d) => n * d, 1);
  const make = (data, shape, dtype = "float64") => ({ data, shape, dtype });
  const scalar = (x) => make(Float64Array.of(Number(x)), [], typeof x === "boolean" ? "bool" : "float64");
  const asArray = (x) => (x !== null && typeof x === "object" ? x : scalar(x));
  const same = (a, b) => a.length === b.length && a.every((d, i) => d === b[i]);

  function stridesOf(shape) {
    const strides = new Array(shape.length);
    for (let i = shape.length - 1, n = 1; i >= 0; n *= shape[i--]) strides[i] = n;
    return strides;
  }

  function joined(shapes) {
    const ndim = Math.max(...shapes.map((s) => s.length));
    const out = new Array(ndim).fill(1);
    for (const s of shapes)
      s.forEach((d, i) => { if (d !== 1) out[i + ndim - s.length] = d; });
    return out;
  }

  // For each entry of `shape` in order, the position in an array that is broadcast to it.
  const maps = new Map();
  function positions(from, shape) {
    const key = `${from}>${shape}`;
    let map = maps.get(key);
    if (map) return map;
    const strides = stridesOf(from), lead = shape.length - from.length;
    const steps = shape.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : strides[i - lead]));
    map = walk(shape, steps, 0);
    if (maps.size > 500) maps.clear();
    maps.set(key, map);
    return map;
  }

  // The positions that strides reach from a start, in C order.
  function walk(shape, steps, start) {
    const n = sizeOf(shape), out = new Int32Array(n), at = new Int32Array(shape.length);
    for (let k = 0, p = start; k < n; k++) {
      out[k] = p;
      for (let i = shape.length - 1; i >= 0; i--) {
        p += steps[i];
        if (++at[i] < shape[i]) break;
        p -= steps[i] * shape[i];
        at[i] = 0;
      }
    }
    return out;
  }

  // --- declaring kernels: (positional arguments, keyword arguments) => array ---

  const kernel = (name, f) => kernels.set(name, f);

  function unary(name, f) {
    kernel(name, ([x]) => {
      x = asArray(x);
      const out = new Float64Array(x.data.length);
      for (let i = 0; i < out.length; i++) out[i] = f(x.data[i]);
      return make(out, x.shape);
    });
  }

  function binary(name, f) {
    kernel(name, ([x, y]) => {
      x = asArray(x), y = asArray(y);
      const a = x.data, b = y.data;
      if (a.length === 1 && b.length === 1)
        return make(Float64Array.of(f(a[0], b[0])), x.shape.length > y.shape.length ? x.shape : y.shape);
      if (same(x.shape, y.shape)) {
        const out = new Float64Array(a.length);
        for (let i = 0; i < out.length; i++) out[i] = f(a[i], b[i]);
        return make(out, x.shape);
      }
      const shape = joined([x.shape, y.shape]), out = new Float64Array(sizeOf(shape));
      const p = positions(x.shape, shape), q = positions(y.shape, shape);
      for (let i = 0; i < out.length; i++) out[i] = f(a[p[i]], b[q[i]]);
      return make(out, shape);
    });
  }

  function ternary(name, f) {
    kernel(name, (args) => {
      const [x, y, z] = args.map(asArray), shape = joined([x.shape, y.shape, z.shape]);
      const [p, q, r] = [x, y, z].map((a) => positions(a.shape, shape));
      const out = new Float64Array(sizeOf(shape));
      for (let i = 0; i < out.length; i++) out[i] = f(x.data[p[i]], y.data[q[i]], z.data[r[i]]);
      return make(out, shape);
    });
  }

  // --- arithmetic ---

  // A sum and a product without a call for each entry.
  function fast(name, entries) {
    const slow = kernels.get(name);
    kernel(name, (args) => {
      const x = asArray(args[0]), y = asArray(args[1]), n = x.data.length;
      if (n < 16 || !same(x.shape, y.shape)) return slow(args);
      const out = new Float64Array(n);
      entries(out, x.data, y.data, n);
      return make(out, x.shape);
    });
  }

  const larger = (x, y) => (x > y || x !== x ? x : y);
  const smaller = (x, y) => (x < y || x !== x ? x : y);
  const isNegative = (x) => x < 0 || Object.is(x, -0);
  function modulo(x, y) {
    const r = x % y;
    if (r === 0) return isNegative(y) ? -0 : 0;
    return r < 0 !== y < 0 ? r + y : r;
  }
  function toEven(x) {
    const low = Math.floor(x), rest = x - low;
    return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : rest >= 0.5 ? low + 1 : x;
  }
  function floorDivide(x, y) {
    if (y === 0) return x / y;
    const quotient = (x - modulo(x, y)) / y, low = Math.floor(quotient);
    return quotient - low > 0.5 ? low + 1 : low;
  }
  const power = (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : y === 0.5 ? Math.sqrt(x) : Math.pow(x, y));

  unary("absolute", Math.abs);
  unary("cbrt", Math.cbrt);
  unary("ceil", Math.ceil);
  unary("floor", Math.floor);
  unary("invert", (x) => (x ? 0 : 1));
  unary("isfinite", (x) => +Number.isFinite(x));
  unary("isinf", (x) => +(Math.abs(x) === Infinity));
  unary("isnan", (x) => +(x !== x));
  unary("logical_not", (x) => (x ? 0 : 1));
  unary("negative", (x) => -x);
  unary("positive", (x) => x);
  unary("reciprocal", (x) => 1 / x);
  unary("rint", toEven);
  unary("sign", (x) => (x > 0 ? 1 : x < 0 ? -1 : x === x ? 0 : x));
  unary("sqrt", Math.sqrt);
  unary("square", (x) => x * x);
  unary("trunc", Math.trunc);
  binary("add", (x, y) => x + y);
  binary("bitwise_and", (x, y) => x & y);
  binary("bitwise_or", (x, y) => x | y);
  binary("copysign", (x, y) => (isNegative(x) === isNegative(y) ? x : -x));
  binary("divide", (x, y) => x / y);
  binary("equal", (x, y) => +(x === y));
  binary("floor_divide", floorDivide);
  binary("fmax", (x, y) => (x >= y || y !== y ? x : y));
  binary("fmin", (x, y) => (x <= y || y !== y ? x : y));
  binary("fmod", (x, y) => x % y);
  binary("greater", (x, y) => +(x > y));
  binary("greater_equal", (x, y) => +(x >= y));
  binary("hypot", Math.hypot);
  binary("less", (x, y) => +(x < y));
  binary("less_equal", (x, y) => +(x <= y));
  binary("maximum", larger);
  binary("minimum", smaller);
  binary("multiply", (x, y) => x * y);
  binary("not_equal", (x, y) => +(x !== y));
  binary("power", power);
  binary("remainder", modulo);
  binary("subtract", (x, y) => x - y);
  fast("add", (out, a, b, n) => { for (let i = 0; i < n; i++) out[i] = a[i] + b[i]; });
  fast("multiply", (out, a, b, n) => { for (let i = 0; i < n; i++) out[i] = a[i] * b[i]; });
  fast("subtract", (out, a, b, n) => { for (let i = 0; i < n; i++) out[i] = a[i] - b[i]; });
  ternary("numpy.where", (c, x, y) => (c ? x : y));
  ternary("numpy.clip", (x, low, high) => smaller(larger(x, low), high));

  // --- elementary functions ---

  // erf by its series, which converges everywhere and cancels nowhere; erfc far out by its
  // continued fraction. Abramowitz and Stegun, 7.1.6 and 7.1.14.
  function erf(x) {
    const z = Math.abs(x);
    if (z > 3) return Math.sign(x) * (1 - erfc(z));
    let term = z, sum = z;
    for (let n = 1; term > sum * 1e-17; n++) sum += term *= (2 * z * z) / (2 * n + 1);
    return x !== x ? x : (Math.sign(x) * 2 * Math.exp(-z * z) * sum) / Math.sqrt(Math.PI);
  }
  function erfc(x) {
    if (!(x > 1)) return 1 - erf(x);
    let below = 0;
    for (let n = x > 3 ? 60 : 300; n > 0; n--) below = n / 2 / (x + below);
    return x > 27.3 ? 0 : Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + below);
  }
  function logAddExp(x, y) {
    if (x === y) return x + Math.LN2;
    const high = larger(x, y);
    return high === Infinity ? high : high + Math.log1p(Math.exp(-Math.abs(x - y)));
  }

  unary("arccos", Math.acos);
  unary("arccosh", Math.acosh);
  unary("arcsin", Math.asin);
  unary("arcsinh", Math.asinh);
  unary("arctan", Math.atan);
  unary("arctanh", Math.atanh);
  unary("cos", Math.cos);
  unary("cosh", Math.cosh);
  unary("exp", Math.exp);
  unary("exp2", (x) => Math.pow(2, x));
  unary("expm1", Math.expm1);
  unary("kernel.erf_of_entries", erf);
  unary("kernel.erfc_of_entries", erfc);
  unary("log", Math.log);
  unary("log10", Math.log10);
  unary("log1p", Math.log1p);
  unary("log2", Math.log2);
  unary("numpy.sinc", (x) => (x ? Math.sin(Math.PI * x) / (Math.PI * x) : 1));
  unary("sin", Math.sin);
  unary("sinh", Math.sinh);
  unary("tan", Math.tan);
  unary("tanh", Math.tanh);
  binary("arctan2", Math.atan2);
  binary("logaddexp", logAddExp);
  binary("logical_and", (x, y) => +(x && y ? 1 : 0));
  binary("logical_or", (x, y) => +(x || y ? 1 : 0));

  // --- reductions ---

  function axesOf(axis, ndim) {
    if (axis === null) return [...Array(ndim).keys()];
    return (Array.isArray(axis) ? axis : [axis]).map((i) => (i < 0 ? i + ndim : i));
  }

  function reduced(x, axis, keepdims, f, start) {
    x = asArray(x);
    const along = new Set(axesOf(axis, x.shape.length));
    const kept = x.shape.map((d, i) => (along.has(i) ? 1 : d));
    const out = new Float64Array(sizeOf(kept)).fill(start), p = positions(kept, x.shape);
    for (let i = 0; i < p.length; i++) out[p[i]] = f(out[p[i]], x.data[i]);
    return make(out, keepdims ? kept : x.shape.filter((_, i) => !along.has(i)));
  }

  const plus = (x, y) => x + y, times = (x, y) => x * y;
  const STARTS = { add: [plus, 0], multiply: [times, 1], maximum: [larger, -Infinity], minimum: [smaller, Infinity] };
  const first = (n) => [...Array(n).keys()];

  function reduction(name, ufunc) {
    const [f, start] = STARTS[ufunc];
    kernel(name, ([x, axis = 0], { axis: named = axis, keepdims = false, initial = start }) =>
      reduced(x, named, keepdims, f, initial));
  }
  reduction("add.reduce", "add");
  reduction("maximum.reduce", "maximum");
  reduction("minimum.reduce", "minimum");
  kernel("kernel.largest", ([x, axis, keepdims]) => reduced(x, axis, keepdims, ...STARTS.maximum));
  kernel("kernel.reduce_along", ([ufunc, x, axis, keepdims]) => reduced(x, axis, keepdims, ...STARTS[ufunc]));
  kernel("kernel.sum_of_few", ([x, axis]) => reduced(x, axis, false, plus, 0));
  kernel("kernel.sum_of_rows", ([x, count = 1]) => reduced(x, first(count), false, plus, 0));
  kernel("numpy.prod", ([x], { axis = null }) => reduced(x, axis, false, times, 1));

  function running(name, f) {
    kernel(name, ([x], { axis }) => {
      const strides = stridesOf(x.shape), along = axesOf(axis, x.shape.length)[0];
      const out = x.data.slice(), step = strides[along], length = x.shape[along];
      for (let i = 0; i < out.length; i++)
        if (Math.floor(i / step) % length) out[i] = f(out[i - step], out[i]);
      return make(out, x.shape);
    });
  }
  running("numpy.cumsum", plus);
  running("numpy.cumprod", times);

  // --- moving entries ---

  const gathered = (x, map, shape) => {
    const out = new Float64Array(map.length);
    for (let i = 0; i < out.length; i++) out[i] = x.data[map[i]];
    return make(out, shape);
  };

  function rearranged(shape, axes) {
    const strides = stridesOf(shape), to = axes.map((i) => shape[i]);
    return [walk(to, axes.map((i) => strides[i]), 0), to];
  }

  // The positions that an index of NumPy's picks, and the shape of the result.
  function picked(shape, index) {
    let parts = Array.isArray(index) ? [...index] : [index];
    parts = parts.flatMap((p) => (isMask(p) ? places(p) : [p]));
    const taken = parts.filter((p) => p !== null && p !== "...").length;
    const dots = parts.indexOf("..."), whole = Array(shape.length - taken).fill({ slice: [null, null, null] });
    if (dots >= 0) parts.splice(dots, 1, ...whole);
    else parts.push(...whole);
    const strides = stridesOf(shape), listed = [], dims = [], steps = [];
    const fancy = parts.some((p) => isArray(p));
    let start = 0, axis = 0, apart = false, at = -1, last = -1;
    parts.forEach((p, i) => {
      if (p === null) { dims.push(1); steps.push(0); return; }
      const length = shape[axis], stride = strides[axis++];
      if (isArray(p) || (fancy && typeof p === "number")) {
        if (at < 0) at = dims.length;
        else if (last !== i - 1) apart = true;
        last = i;
        listed.push([asArray(p), length, stride]);
      } else if (typeof p === "number") start += (p < 0 ? p + length : p) * stride;
      else {
        const [low, count, step] = sliced(p.slice, length);
        start += low * stride;
        dims.push(count);
        steps.push(step * stride);
      }
    });
    if (!fancy) return [walk(dims, steps, start), dims];
    const inner = joined(listed.map(([p]) => p.shape)), offsets = new Int32Array(sizeOf(inner));
    for (const [p, length, stride] of listed) {
      const map = positions(p.shape, inner);
      for (let i = 0; i < offsets.length; i++) {
        const k = p.data[map[i]];
        offsets[i] += (k < 0 ? k + length : k) * stride;
      }
    }
    if (apart) at = 0;
    const full = [...dims.slice(0, at), ...inner, ...dims.slice(at)];
    const zeros = inner.map(() => 0), ones = stridesOf(inner);
    const plain = walk(full, [...steps.slice(0, at), ...zeros, ...steps.slice(at)], start);
    const which = walk(full, [...dims.slice(0, at).map(() => 0), ...ones, ...dims.slice(at).map(() => 0)], 0);
    for (let i = 0; i < plain.length; i++) plain[i] += offsets[which[i]];
    return [plain, full];
  }
  const isArray = (p) => p !== null && typeof p === "object" && p.data !== undefined;
  const isMask = (p) => isArray(p) && p.dtype === "bool";
  function places(mask) {
    const strides = stridesOf(mask.shape), found = [];
    mask.data.forEach((x, i) => { if (x) found.push(i); });
    return mask.shape.map((d, axis) =>
      make(Float64Array.from(found, (i) => Math.floor(i / strides[axis]) % d), [found.length], "int64"));
  }
  function sliced([low, high, step], length) {
    step ??= 1;
    const bound = (x, missing) => {
      if (x === null) return missing;
      if (x < 0) x += length;
      return step > 0 ? Math.max(0, Math.min(length, x)) : Math.max(-1, Math.min(length - 1, x));
    };
    const from = bound(low, step > 0 ? 0 : length - 1), to = bound(high, step > 0 ? length : -1);
    return [from, Math.max(0, Math.ceil((to - from) / step)), step];
  }

  // A value added at an index of an array, or put there.
  function written(out, index, value, adds) {
    const [map, shape] = picked(out.shape, index), p = positions(value.shape, shape);
    for (let i = 0; i < map.length; i++)
      out.data[map[i]] = adds ? out.data[map[i]] + value.data[p[i]] : value.data[p[i]];
    return out;
  }
  const zeros = (shape) => make(new Float64Array(sizeOf(shape)), shape);
  const copied = (x) => make(asArray(x).data.slice(), asArray(x).shape, asArray(x).dtype);

  kernel("getitem", ([x, index]) => gathered(x, ...picked(x.shape, index)));
  kernel("setitem", ([x, index, value]) => written(copied(x), index, asArray(value), false));
  kernel("add_at", ([x, index, value]) => written(copied(x), index, asArray(value), true));
  kernel("kernel.scatter_add", ([x], { index, shape }) => written(zeros(shape), index, asArray(x), true));
  kernel("pieces", ([shape, , indices, ...parts]) =>
    indices.reduce((out, index, i) => written(out, index, asArray(parts[i]), false), zeros(shape)));
  kernel("copy", ([x]) => asArray(x));
  kernel("astype", ([x, dtype]) => {
    x = asArray(x);
    return /^u?int/.test(dtype) ? make(x.data.map(Math.trunc), x.shape) : dtype === "bool" ? make(x.data.map((v) => +!!v), x.shape) : make(x.data, x.shape);
  });
  kernel("kernel.relaid", ([x]) => asArray(x));
  kernel("reshape", ([x, shape]) => {
    x = asArray(x);
    const known = -sizeOf(shape);
    return make(x.data, shape.map((d) => (d < 0 ? x.data.length / known : d)));
  });
  kernel("broadcast", ([x, shape]) => gathered(asArray(x), positions(asArray(x).shape, shape), shape));
  kernel("transpose", ([x, axes]) => gathered(x, ...rearranged(x.shape, axes)));
  kernel("numpy.concatenate", ([arrays], { axis = 0 }) => {
    const shape = [...arrays[0].shape], along = axesOf(axis, shape.length)[0];
    shape[along] = arrays.reduce((n, a) => n + a.shape[along], 0);
    const out = zeros(shape), before = Array(along).fill({ slice: [null, null, null] });
    let low = 0;
    for (const a of arrays) {
      written(out, [...before, { slice: [low, low + a.shape[along], null] }], a, false);
      low += a.shape[along];
    }
    return out;
  });

  function windowMap(shape, size, stride, dilation) {
    const k = size.length, lead = shape.length - k, strides = stridesOf(shape);
    const counts = size.map((n, i) => Math.floor((shape[lead + i] - dilation[i] * (n - 1) - 1) / stride[i]) + 1);
    const steps = [
      ...strides.slice(0, lead), ...counts.map((_, i) => strides[lead + i] * stride[i]),
      ...size.map((_, i) => strides[lead + i] * dilation[i]),
    ];
    const full = [...shape.slice(0, lead), ...counts, ...size];
    return [walk(full, steps, 0), full];
  }
  kernel("kernel.windows", ([x], { size, stride, dilation }) => gathered(x, ...windowMap(x.shape, size, stride, dilation)));
  kernel("kernel.fold", ([x], { shape, size, stride, dilation }) => {
    const out = zeros(shape), [map] = windowMap(shape, size, stride, dilation);
    for (let i = 0; i < map.length; i++) out.data[map[i]] += x.data[i];
    return out;
  });

  // --- products ---

  function multiplied(a, b, out, p, q, r, rows, inner, columns) {
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inner; k++) {
        const x = a[p + i * inner + k], to = r + i * columns, from = q + k * columns;
        for (let j = 0; j < columns; j++) out[to + j] += x * b[from + j];
      }
  }
  function matmul([x, y]) {
    const [rows, inner] = x.shape.slice(-2), columns = y.shape[y.shape.length - 1];
    const stack = joined([x.shape.slice(0, -2), y.shape.slice(0, -2)]);
    const p = positions(x.shape.slice(0, -2), stack), q = positions(y.shape.slice(0, -2), stack);
    const out = new Float64Array(p.length * rows * columns);
    for (let s = 0; s < p.length; s++)
      multiplied(x.data, y.data, out, p[s] * rows * inner, q[s] * inner * columns, s * rows * columns, rows, inner, columns);
    return make(out, [...stack, rows, columns]);
  }
  kernel("matmul", matmul);
  // The product of NumPy's dot: the last axis of x with the last but one of y.
  kernel("ndarray.dot", ([x, y]) => {
    const left = x.shape.length === 1 ? make(x.data, [1, ...x.shape]) : x;
    const flat = make(left.data, [sizeOf(left.shape.slice(0, -1)), left.shape[left.shape.length - 1]]);
    const out = matmul([flat, y.shape.length === 1 ? make(y.data, [...y.shape, 1]) : y]);
    return make(out.data, [...x.shape.slice(0, -1), ...y.shape.slice(1)]);
  });
  kernel("numpy.einsum", ([subscripts, ...operands]) => {
    const [terms, result] = subscripts.split("->"), letters = terms.split(","), size = {};
    letters.forEach((term, k) => [...term].forEach((c, i) => { if (!(size[c] > 1)) size[c] = operands[k].shape[i]; }));
    const order = [...new Set(result + terms.replaceAll(",", ""))], shape = order.map((c) => size[c]);
    const mapOf = (term, dims) => {
      const strides = stridesOf(dims);
      return walk(shape, order.map((c) => [...term].reduce((s, d, i) => (d === c && dims[i] !== 1 ? s + strides[i] : s), 0)), 0);
    };
    const inputs = operands.map((x, k) => mapOf(letters[k], x.shape));
    const out = zeros([...result].map((c) => size[c])), to = mapOf(result, out.shape);
    for (let i = 0; i < to.length; i++) {
      let product = 1;
      for (let k = 0; k < inputs.length; k++) product *= operands[k].data[inputs[k][i]];
      out.data[to[i]] += product;
    }
    return out;
  });

  // --- programs ---

  function decodedArray({ array, shape, dtype }) {
    const bytes = Uint8Array.from(atob(array), (c) => c.charCodeAt(0));
    return make(new Float64Array(bytes.buffer), shape, dtype);
  }

  // A function from the registers of a program to an argument.
  function argument(tree) {
    if (Array.isArray(tree)) {
      const parts = tree.map(argument);
      if (parts.every((f) => f.fixed !== undefined)) return constant(parts.map((f) => f.fixed));
      return (registers) => parts.map((f) => f(registers));
    }
    if (tree === null || typeof tree !== "object") return constant(tree);
    if (tree.register !== undefined) return (registers) => registers[tree.register];
    if (tree.number !== undefined) return constant(Number(tree.number));
    if (tree.array !== undefined) return constant(decodedArray(tree));
    return constant(tree);
  }
  function constant(value) {
    const f = () => value;
    f.fixed = value;
    return f;
  }

  function compiled({ inputs, instructions, outputs }) {
    const steps = instructions.map(({ name, args, kwargs, dtype }) => {
      const run = kernels.get(name), from = args.map(argument);
      const named = Object.entries(kwargs).map(([key, tree]) => [key, argument(tree)]);
      const fixed = named.every(([, f]) => f.fixed !== undefined)
        ? Object.fromEntries(named.map(([key, f]) => [key, f.fixed])) : null;
      return (registers) => {
        const given = fixed ?? Object.fromEntries(named.map(([key, f]) => [key, f(registers)]));
        const out = run(from.map((f) => f(registers)), given);
        registers.push(rounded(out, dtype));
      };
    });
    const results = outputs.map(argument);
    return (args) => {
      const registers = inputs.map((i) => args[i]);
      for (const step of steps) step(registers);
      return results.map((f) => asArray(f(registers)));
    };
  }
  function rounded(x, dtype) {
    if (dtype === "bool" && x.dtype !== "bool") x = make(x.data.map((v) => +!!v), x.shape);
    if (dtype === "float32") x = make(x.data.map(Math.fround), x.shape);
    x.dtype = dtype;
    return x;
  }

  // --- the two passes ---

  const added = (x, y) => kernels.get("add")([x, y]);

  // A gradient summed down to the shape of the argument, which the operation had broadcast.
  function fitted(c, shape, wide, dtype) {
    if (!same(c.shape, shape)) {
      if (!same(c.shape, wide)) c = gathered(c, positions(c.shape, wide), wide);
      const map = positions(shape, wide), out = zeros(shape);
      for (let i = 0; i < map.length; i++) out.data[map[i]] += c.data[i];
      c = out;
    }
    return dtype === "float32" ? rounded(c, dtype) : c;
  }

  function hasNan(data) {
    for (let i = 0; i < data.length; i++) if (data[i] !== data[i]) return true;
    return false;
  }

  // Where the cotangent is 0, so is the contribution, even if a slope is infinite.
  function safe(c, g, elementwise) {
    if (!hasNan(c.data)) return c;
    if (!elementwise) return g.data.every((x) => x === 0) ? make(new Float64Array(c.data.length), c.shape) : c;
    return kernels.get("numpy.where")([g, c, 0]).shape.length === c.shape.length
      ? kernels.get("numpy.where")([g, c, 0]) : c;
  }

  class Machine {
    constructor(recipe) {
      this.nodes = recipe.nodes;
      this.root = recipe.root;
      this.programs = recipe.programs.map(compiled);
      this.values = this.nodes.map((node) => (node.leaf ? decodedArray(node.leaf) : null));
      this.constants = this.nodes.map((node) => (node.inputs ?? []).map((x) => (x?.array !== undefined ? decodedArray(x) : null)));
      this.run();
    }

    // What a node computes with; a plain number stands in its program.
    inputs(i) {
      return this.nodes[i].inputs.map((x, k) => this.constants[i][k] ?? this.input(x));
    }

    input(x) {
      if (x === null) return null;
      if (x.axis) return this.largest(x);
      return x.forward === undefined ? this.values[x] : this.condition(x);
    }

    // A condition that Python computed from values of the graph.
    condition({ forward, inputs }) {
      return this.programs[forward](inputs.map((x) => (x?.array !== undefined ? decodedArray(x) : this.input(x))))[0];
    }

    // The shift of a softmax, which follows its argument.
    largest({ largest, axis, node }) {
      const x = kernels.get("kernel.largest")([this.values[largest], axis, true]);
      if (node !== null) this.values[node] = x;
      return x;
    }

    run() {
      this.forward();
      this.backward();
    }

    forward() {
      this.nodes.forEach((node, i) => {
        if (node.same !== undefined) this.values[i] = this.values[node.same];
        if (node.made !== undefined) this.values[i] = this.condition(node.made);
        if (!node.leaf) [this.values[i]] = this.programs[node.forward](this.inputs(i));
      });
    }

    backward() {
      this.gradients = this.nodes.map(() => null);
      this.given = this.nodes.map(() => []);
      if (this.root === null) return;
      const seed = this.values[this.root];
      this.gradients[this.root] = make(new Float64Array(seed.data.length).fill(1), seed.shape);
      for (let i = this.root; i >= 0; i--) {
        const node = this.nodes[i], g = this.gradients[i];
        if (node.leaf || !g || node.backward === null) continue;
        const inputs = this.inputs(i), out = this.values[i];
        const results = this.programs[node.backward]([g, out, ...inputs]);
        node.needed.forEach((k, n) => {
          const to = node.inputs[k], x = inputs[k];
          const value = fitted(safe(results[n], g, node.elementwise), x.shape, out.shape, x.dtype);
          const sum = this.gradients[to] ? added(this.gradients[to], value) : value;
          this.gradients[to] = sum;
          this.given[i].push({ argument: k, to, value, sum });
        });
      }
    }

    // One step of gradient descent: the trained leaves move against their gradients.
    descend(rate, leaves) {
      for (const i of leaves) {
        const g = this.gradients[i], x = this.values[i];
        if (g) this.values[i] = rounded(make(x.data.map((v, k) => v - rate * g.data[k]), x.shape), x.dtype);
      }
      this.run();
    }

    loss() {
      return this.root === null ? NaN : this.values[this.root].data[0];
    }
  }

  return { Machine, kernels, make };
})();

if (typeof module !== "undefined") module.exports = interpreter;
