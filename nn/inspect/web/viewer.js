"use strict";
// The page of a training over time: data in, pictures out. All texts are set as text, never as HTML.

const COLOURS = ["#2a8fd0", "#d9702b", "#1f9d73", "#c06a9f", "#b08900", "#6a7fd6", "#8a949e"];
const MEASURES = {
  gradient: { title: "gradient of outputs (rms)", log: true, of: (run, layer, t) => rms(run, output(layer) + ".grad", t) },
  output: { title: "outputs (standard deviation)", log: true, of: (run, layer, t) => at(run, output(layer), t, 1) },
  dead: { title: "dead units (share)", log: false, of: (run, layer, t) => run.dead[t * run.layers.length + run.place.get(layer)] },
  update: { title: "update / weight (rms)", log: true, of: (run, layer, t) => rms(run, weight(run, layer) + ".update", t) / rms(run, weight(run, layer), t) },
  weight: { title: "weights (rms)", log: true, of: (run, layer, t) => rms(run, weight(run, layer), t) },
};
const get = (id) => document.getElementById(id);
const data = JSON.parse(get("data").textContent);
const state = { time: 0, measure: "gradient", layer: "", timer: null };

function bytes(text) { return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)); }
function floats(text) { return new Float32Array(bytes(text).buffer); }

const runs = data.runs.map((run) => ({
  ...run,
  row: new Map(run.names.map((name, i) => [name, i])),
  place: new Map(run.layers.map((name, i) => [name, i])),
  statistics: floats(run.statistics), histograms: bytes(run.histograms), dead: floats(run.dead), losses: floats(run.losses),
}));
const steps = [...new Set(runs.flatMap((run) => run.steps))].sort((a, b) => a - b);

function at(run, name, t, which) {
  const row = run.row.get(name);
  return row === undefined ? NaN : run.statistics[(t * run.names.length + row) * 4 + which];
}
function rms(run, name, t) { return Math.hypot(at(run, name, t, 0), at(run, name, t, 1)); }
function output(layer) { return layer === "" ? "out" : layer + ".out"; }
function weight(run, layer) { return layer === "" ? "weight" : layer + ".weight"; }
function moment(run) {  // the last recorded step of a run that is not after the slider
  let t = 0;
  while (t + 1 < run.steps.length && run.steps[t + 1] <= steps[state.time]) t++;
  return t;
}
function short(x) {
  if (Number.isNaN(x)) return "·";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "−inf";
  const size = Math.abs(x), usual = size === 0 || (size >= 1e-3 && size < 1e5) || !Number.isFinite(x);
  return usual ? String(Number(x.toPrecision(3))) : x.toExponential(1);
}
// What is not there is a dot; from the step on at which a run broke, it is NaN that is shown.
function told(run, t, x) {
  const broken = data.broken[runs.indexOf(run)];
  return Number.isNaN(x) && broken && run.steps[t] >= broken.step ? "NaN" : short(x);
}
function measured(run, layer) { return run.steps.map((_, t) => MEASURES[state.measure].of(run, layer, t)); }

function svg(tag, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
function element(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
}

// --- curves ---

const H = 230, LEFT = 58, RIGHT = 10, TOP = 18, BOTTOM = 24;
function chart(target, lines, log) {
  const W = Math.max(280, Math.round(target.clientWidth || 560)); // letters keep their size
  const usable = (y) => Number.isFinite(y) && (!log || y > 0);
  const height = (y) => (log ? Math.log10(y) : y);
  const values = lines.flatMap((line) => line.values.filter(usable).map(height));
  let low = values.reduce((a, b) => Math.min(a, b), Infinity), high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!values.length) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const first = steps[0] ?? 0, span = Math.max(1, (steps[steps.length - 1] ?? 1) - first);
  const x = (step) => LEFT + ((step - first) / span) * (W - LEFT - RIGHT);
  const y = (value) => H - BOTTOM - ((height(value) - low) / (high - low)) * (H - TOP - BOTTOM);
  target.replaceChildren();
  target.setAttribute("viewBox", `0 0 ${W} ${H}`);
  target.append(svg("path", { class: "axis", d: `M${LEFT} ${TOP}V${H - BOTTOM}H${W - RIGHT}` }));
  const end = (value) => short(log ? 10 ** value : value);
  target.append(svg("text", { x: LEFT - 5, y: TOP + 8, "text-anchor": "end" }, end(high)), svg("text", { x: LEFT - 5, y: H - BOTTOM, "text-anchor": "end" }, end(low)));
  target.append(svg("text", { x: LEFT, y: H - 8 }, "step " + first), svg("text", { x: W - RIGHT, y: H - 8, "text-anchor": "end" }, steps[steps.length - 1] ?? ""));
  if (log) target.append(svg("text", { x: W - RIGHT, y: TOP - 7, "text-anchor": "end" }, "logarithmic"));
  for (const line of lines) {
    let path = "", pen = false;
    line.values.forEach((value, i) => {
      if (usable(value)) path += `${pen ? "L" : "M"}${x(line.steps[i]).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = usable(value);
    });
    const drawn = svg("path", { d: path || "M0 0", fill: "none", stroke: line.colour, "stroke-width": line.chosen ? 2.6 : 1.4, "stroke-dasharray": line.dashed ? "5 3" : "none", class: line.faded ? "faded" : "" });
    drawn.append(svg("title", {}, line.name));
    target.append(drawn);
  }
  if (data.difference) target.append(svg("line", { class: "mark", x1: x(data.difference.step), x2: x(data.difference.step), y1: TOP, y2: H - BOTTOM }));
  for (const broken of new Set(data.broken.filter(Boolean))) {
    const at = x(broken.step), left = at > W / 2;
    target.append(svg("line", { class: "mark", x1: at, x2: at, y1: TOP, y2: H - BOTTOM }));
    target.append(svg("text", { class: "broken", x: at + (left ? -5 : 5), y: TOP + 22, "text-anchor": left ? "end" : "start" }, broken.text));
  }
  const now = steps[state.time] ?? 0;
  target.append(svg("line", { class: "now", x1: x(now), x2: x(now), y1: TOP, y2: H - BOTTOM }));
}

function showCurves() {
  chart(get("loss"), runs.map((run, r) => ({ name: run.title, steps: run.steps, values: [...run.losses], colour: COLOURS[r], dashed: r > 0 })), false);
  const lines = runs.flatMap((run, r) => run.layers.map((layer, i) => ({
    name: `${layer || "model"}: ${run.kinds[i]}${runs.length > 1 ? ", " + run.title : ""}`, steps: run.steps, values: measured(run, layer),
    colour: COLOURS[i % COLOURS.length], dashed: r > 0, chosen: layer === state.layer, faded: layer !== state.layer,
  })));
  chart(get("curves"), lines, MEASURES[state.measure].log);
  get("curves-title").textContent = "By layer: " + MEASURES[state.measure].title;
}

// --- the network ---

function range() {
  const values = runs.flatMap((run) => run.layers.flatMap((layer) => measured(run, layer))).filter((v) => Number.isFinite(v) && (!MEASURES[state.measure].log || v > 0));
  return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
}
function shade(value, [low, high]) {
  const { log } = MEASURES[state.measure];
  if (Number.isNaN(value)) return 0;
  if (!log) return Math.min(1, Math.max(0, value));
  if (!(value > 0)) return 0;
  if (!Number.isFinite(value) || low === high) return 1;
  return 0.06 + 0.94 * (Math.log(value / low) / Math.log(high / low));
}
function showNetworks() {
  const ends = range();
  get("networks").replaceChildren(...runs.map((run) => {
    const box = element("div"), row = element("div"), t = moment(run);
    if (runs.length > 1) box.append(element("p", run.title));
    row.className = "network";
    run.layers.forEach((layer, i) => {
      if (i) { const arrow = element("span", "→"); arrow.className = "arrow"; row.append(arrow); }
      const value = MEASURES[state.measure].of(run, layer, t), strength = shade(value, ends);
      const button = element("button", `${layer || "model"}: ${run.kinds[i]}`);
      button.type = "button";
      button.append(element("small", told(run, t, value)));
      if (told(run, t, value) === "NaN") button.classList.add("broken");
      button.style.background = `rgba(217, 112, 43, ${(0.75 * strength).toFixed(3)})`;
      button.style.borderLeft = `5px solid ${COLOURS[i % COLOURS.length]}`;
      button.setAttribute("aria-pressed", String(layer === state.layer));
      button.addEventListener("click", () => { state.layer = layer; show(); });
      row.append(button);
    });
    box.append(row);
    return box;
  }));
}

// --- histograms over time ---

const BINS = 24, ROWS = 64;
function showHistograms() {
  get("layer").textContent = `Histograms over time: ${state.layer || "model"}`;
  const prefix = state.layer === "" ? "" : state.layer + ".";
  const parts = ["out", "out.grad", "weight", "weight.grad", "weight.update", "bias", "bias.grad"].map((part) => prefix + part);
  get("histograms").replaceChildren(...parts.flatMap((name) => runs.filter((run) => run.row.has(name)).map((run, _, beside) => {
    const ends = beside.map((each) => rangeOf(each, name)), range = [Math.min(...ends.map((e) => e[0])), Math.max(...ends.map((e) => e[1]))];
    const section = element("section"), canvas = element("canvas"), scale = element("div");
    section.append(element("p", name + (runs.length > 1 ? ", " + run.title : "")), canvas, scale);
    const [low, high] = range;
    paint(canvas, run, name, range);
    scale.className = "scale";
    scale.append(element("span", "step " + run.steps[0]), element("span", `from ${short(low)} (bottom) to ${short(high)} (top)`), element("span", String(run.steps[run.steps.length - 1])));
    return section;
  })));
}
// Of the entries of all steps. One step of huge entries must not flatten all others: the outermost
// steps are cut off.
function rangeOf(run, name) {
  const lows = run.steps.map((_, t) => at(run, name, t, 2)).filter(Number.isFinite).sort((a, b) => a - b);
  const highs = run.steps.map((_, t) => at(run, name, t, 3)).filter(Number.isFinite).sort((a, b) => a - b);
  const cut = Math.floor(lows.length / 50), low = lows[cut] ?? 0, high = highs[highs.length - 1 - cut] ?? 1;
  return [low, high > low ? high : low + 1];
}
function paint(canvas, run, name, [low, high]) {
  const count = run.steps.length, row = run.row.get(name), all = run.names.length;
  canvas.width = Math.max(1, count);
  canvas.height = ROWS;
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, ROWS);
  for (let t = 0; t < count; t++) {
    const from = at(run, name, t, 2), width = (at(run, name, t, 3) - from) / BINS;
    const shares = new Float32Array(ROWS);
    for (let bin = 0; bin < BINS; bin++) {
      const share = run.histograms[(t * all + row) * BINS + bin] / 255;
      const a = ((from + bin * width - low) / (high - low)) * ROWS, b = a + Math.max((width / (high - low)) * ROWS, 1e-9);
      for (let i = Math.max(0, Math.floor(a)); i < Math.min(ROWS, Math.max(Math.ceil(b), Math.floor(a) + 1)); i++)
        shares[i] += b - a < 1 ? share : share / (b - a);
    }
    const most = shares.reduce((x, y) => Math.max(x, y), 1e-9), isNow = t === moment(run);
    for (let i = 0; i < ROWS; i++)
      image.data.set([isNow ? 217 : 42, isNow ? 112 : 143, isNow ? 43 : 208, Math.round(255 * Math.sqrt(shares[i] / most))], ((ROWS - 1 - i) * canvas.width + t) * 4);
  }
  context.putImageData(image, 0, 0);
}

// --- a sample's path ---

const paths = data.paths.map((path) => path && {
  ...path, place: new Map(path.layers.map((layer, i) => [layer, i])),
  entries: new Int8Array(bytes(path.entries).buffer), points: floats(path.points),
});
const UNITS = 64, FULL = 127, SIDE = 100;
function momentOf(path) {  // the last moment that is not after the slider
  let t = 0;
  while (t + 1 < path.steps.length && path.steps[t + 1] <= (steps[state.time] ?? 0)) t++;
  return t;
}
function showPaths() {
  get("sample").hidden = !paths.some(Boolean);
  if (get("sample").hidden) return;
  get("paths").replaceChildren(...runs.flatMap((run, r) => {
    if (!paths[r]) return [];
    const row = element("div");
    row.className = "paths";
    row.append(...paths[r].layers.map((layer, i) => panel(run, paths[r], layer, i)));
    return runs.length > 1 ? [element("p", run.title), row] : [row];
  }));
  get("units").replaceChildren(...runs.flatMap((run, r) => (paths[r]?.place.has(state.layer) ? [units(run, paths[r], r)] : [])));
}
function panel(run, path, layer, i) {
  const count = path.steps.length, now = momentOf(path), button = element("button"), drawing = svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" });
  const colour = COLOURS[Math.max(0, run.layers.indexOf(layer)) % COLOURS.length];
  const point = (t, k) => SIDE / 2 + (k ? -1 : 1) * (SIDE / 2 - 7) * path.points[(i * count + t) * 2 + k];
  const way = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_, t) => `${t ? "L" : "M"}${point(from + t, 0).toFixed(1)} ${point(from + t, 1).toFixed(1)}`).join("") || "M0 0";
  drawing.append(
    svg("path", { class: "way later", d: way(now, count - 1), stroke: colour }), svg("path", { class: "way", d: way(0, now), stroke: colour }),
    svg("circle", { class: "start", cx: point(0, 0), cy: point(0, 1), r: 3, stroke: colour }), svg("circle", { cx: point(now, 0), cy: point(now, 1), r: 4, fill: colour }),
  );
  const kind = run.kinds[run.place.get(layer)];
  button.type = "button";
  button.append(drawing, `${layer || "model"}${kind ? `: ${kind}` : ""}`);
  button.setAttribute("aria-pressed", String(layer === state.layer));
  button.addEventListener("click", () => { state.layer = layer; show(); });
  return button;
}
function units(run, path, r) {
  const i = path.place.get(state.layer), count = path.steps.length, size = Math.max(1, path.sizes[i]), now = momentOf(path);
  const section = element("section"), frame = element("div"), canvas = element("canvas"), mark = element("i"), scale = element("div");
  canvas.width = count;
  canvas.height = size;
  canvas.style.aspectRatio = `${Math.max(3, 48 / size)}`;
  const context = canvas.getContext("2d"), image = context.createImageData(count, size);
  for (let t = 0; t < count; t++)
    for (let k = 0; k < size; k++) {
      const code = path.entries[(t * path.layers.length + i) * UNITS + k], colour = code === -FULL - 1 ? [208, 0, 140, 255] : code < 0 ? [217, 112, 43] : [42, 143, 208];
      image.data.set([...colour.slice(0, 3), colour[3] ?? Math.round((255 * Math.abs(code)) / FULL)], (k * count + t) * 4);
    }
  context.putImageData(image, 0, 0);
  mark.style.left = `${(100 * now) / count}%`;
  mark.style.width = `${100 / count}%`;
  frame.className = "frame";
  frame.append(canvas, mark);
  scale.className = "scale";
  scale.append(element("span", "step " + path.steps[0]), element("span", `full colour: ${short(path.most[i])}`), element("span", String(path.steps[count - 1])));
  section.append(element("p", `${state.layer || "model"}: ${size} unit${size > 1 ? "s" : ""}, blue is positive, orange is negative${runs.length > 1 ? ", " + runs[r].title : ""}`), frame, scale);
  return section;
}

// --- the controls ---

function show() {
  get("step").textContent = `step ${steps[state.time] ?? "none"}, loss ${runs.map((run) => told(run, moment(run), run.losses[moment(run)] ?? NaN)).join(" and ")}`;
  get("time").value = String(state.time);
  showNetworks();
  showCurves();
  showPaths();
  showHistograms();
}
function move(time) { state.time = Math.min(steps.length - 1, Math.max(0, time)); show(); }
function play(on) {
  clearInterval(state.timer);
  state.timer = on ? setInterval(() => (state.time + 1 < steps.length ? move(state.time + 1) : play(false)), Math.max(40, 6000 / steps.length)) : null;
  get("play").textContent = on ? "Pause" : "Play";
}

get("title").textContent = runs.map((run) => run.title).join(" and ");
get("about").textContent = data.about;
const warnings = runs.flatMap((run, r) => (data.broken[r] ? [`${runs.length > 1 ? run.title + ": " : ""}${data.broken[r].text}, first in ${data.broken[r].what}`] : []));
get("broken").textContent = warnings.join("; ");
get("broken").hidden = !warnings.length;
if (data.difference) { get("difference").textContent = data.difference.text; get("difference").hidden = false; }
for (const [name, measure] of Object.entries(MEASURES)) {
  const option = element("option", measure.title);
  option.value = name;
  get("measure").append(option);
}
get("measure").addEventListener("change", (event) => { state.measure = event.target.value; show(); });
get("time").max = String(Math.max(0, steps.length - 1));
get("time").addEventListener("input", (event) => move(Number(event.target.value)));
get("play").addEventListener("click", () => { if (state.timer === null && state.time + 1 >= steps.length) state.time = 0; play(state.timer === null); });
window.addEventListener("resize", showCurves);
state.layer = data.difference && runs[0].place.has(data.difference.layer) ? data.difference.layer : runs[0].layers[0] ?? "";
const parted = data.difference ? steps.findIndex((step) => step >= data.difference.step) : -1;
move(parted < 0 ? steps.length - 1 : parted);
