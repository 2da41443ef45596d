// How numbers and arrays are shown: in four digits, as tables, as heat maps.

function short(x) {
  if (!Number.isFinite(x)) return x > 0 ? "inf" : x < 0 ? "-inf" : "nan";
  const [digits, exponent] = x.toExponential(3).split("e"), e = +exponent;
  if (x === 0) return "0";
  if (e >= -4 && e < 4) return String(Number(x.toPrecision(4)));
  return `${Number(digits)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
}

const inBox = (text) => text.replace(/e([+-])0?/g, (_, sign) => (sign === "-" ? "e-" : "e")).replaceAll("-", "−");
const norm = (x) => Math.sqrt(x.data.reduce((sum, v) => sum + v * v, 0));

// A number with all its digits, as Python writes it; an array as lists of lists.
function exactly(v, dtype = "float64") {
  if (!Number.isFinite(v)) return short(v);
  if (dtype === "bool") return v ? "True" : "False";
  if (!dtype.startsWith("float")) return String(v);
  const size = Math.abs(v), text = size !== 0 && (size < 1e-4 || size >= 1e16) ? v.toExponential() : String(v);
  const [digits, exponent] = (Object.is(v, -0) ? "-0" : text).split("e");
  if (exponent !== undefined) return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  return digits.includes(".") ? digits : `${digits}.0`;
}
function nested(x, axis = 0, from = 0) {
  if (axis === x.shape.length) return exactly(x.data[from], x.dtype);
  const stride = x.shape.slice(axis + 1).reduce((a, n) => a * n, 1);
  return `[${[...Array(x.shape[axis]).keys()].map((i) => nested(x, axis + 1, from + i * stride)).join(", ")}]`;
}

// The texts for an array: abbreviated, in full, and its norm.
function texts(x) {
  if (!x.shape.length) return { short: short(x.data[0]), exact: exactly(x.data[0], x.dtype) };
  const shape = x.shape.length === 1 ? `(${x.shape[0]},)` : `(${x.shape.join(", ")})`;
  const all = [...x.data], size = norm(x);
  if (all.length <= 12) return { short: `${shape}: ${all.map(short).join(", ")}`, exact: nested(x), norm: short(size) };
  const low = all.reduce((a, b) => Math.min(a, b)), high = all.reduce((a, b) => Math.max(a, b));
  return { short: `${shape}, from ${short(low)} to ${short(high)}, ‖·‖ ${short(size)}`, exact: exactly(size), norm: short(size) };
}

// An array as a matrix: the last axis as columns, all others as rows.
function asMatrix(x) {
  const columns = x.shape.length ? x.shape[x.shape.length - 1] : 1;
  return { rows: columns ? x.data.length / columns : 0, columns };
}

const largestSize = (x) => x.data.reduce((a, v) => (Number.isFinite(v) ? Math.max(a, Math.abs(v)) : a), 0);
const SMALL = 8; // rows and columns of a matrix in numbers
const CELLS = 48; // rows and columns of a heat map

// A matrix in numbers, or a heat map of a larger one; null for a single number.
function matrix(x) {
  const { rows, columns } = asMatrix(x);
  if (!x.shape.length || !rows) return null;
  return rows <= SMALL && columns <= SMALL ? table(x, rows, columns) : heatMap(x, rows, columns);
}

function table(x, rows, columns) {
  const most = largestSize(x) || 1, body = document.createElement("table");
  body.className = "matrix";
  for (let i = 0; i < rows; i++) {
    const row = body.insertRow();
    for (let j = 0; j < columns; j++) {
      const v = x.data[i * columns + j], cell = row.insertCell();
      cell.textContent = Number.isFinite(v) ? inBox(short(Number(v.toPrecision(3)))) : inBox(short(v));
      cell.title = exactly(v, x.dtype);
      cell.className = v < 0 ? "minus" : "plus";
      cell.style.setProperty("--size", Math.min(1, Math.abs(v) / most).toFixed(3));
    }
  }
  return body;
}

function heatMap(x, rows, columns) {
  const canvas = document.createElement("canvas"), most = largestSize(x) || 1;
  const high = (canvas.height = Math.min(rows, CELLS)), wide = (canvas.width = Math.min(columns, CELLS));
  const pen = canvas.getContext("2d");
  for (let i = 0; i < high; i++)
    for (let j = 0; j < wide; j++) {
      const v = x.data[Math.floor((i * rows) / high) * columns + Math.floor((j * columns) / wide)];
      pen.fillStyle = v < 0 ? "#d5702a" : "#2f82c9";
      pen.globalAlpha = Math.min(1, Math.abs(v) / most) || 0;
      pen.fillRect(j, i, 1, 1);
    }
  canvas.className = "heat";
  canvas.style.width = `${Math.min(300, Math.max(60, wide * 10))}px`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", texts(x).short);
  canvas.title = texts(x).short;
  return canvas;
}
