// The page: what is shown at each step of the passes, and the picture that one moves in.

const data = JSON.parse(document.getElementById("data").textContent);
const get = (id) => document.getElementById(id);
const pictures = [...document.querySelectorAll(".picture")];
// `asking`: whether the result of the present step is not shown yet. `edited`: whether what the page
// computed replaces what Python did.
const state = { at: 0, level: 0, playing: null, x: 0, y: 0, scale: 1, asking: false, edited: false };
const machine = data.recipe ? new interpreter.Machine(data.recipe) : null;
window.player = state;
state.machine = machine;

// --- the elements of each picture, by their names ---

const maps = pictures.map((picture) => {
  const nodes = new Map(), edges = new Map();
  for (const g of picture.querySelectorAll("g.node, g.edge")) {
    const name = g.dataset.name;
    (g.classList.contains("node") ? nodes : edges).set(name, g);
  }
  return { nodes, edges };
});
const nameOf = (node, level = state.level) => data.levels[level].ids[node];
const elementOf = (node) => maps[state.level].nodes.get(nameOf(node));

// --- showing a step ---

// What the page knows of a node now: its value and its gradient; null without an interpreter.
const arrayOf = (node) => (machine ? machine.values[data.places[node]] : null);
const gradientOf = (node) => (machine ? machine.gradients[data.places[node]] : null);
const HIDDEN = { short: "?", exact: "" };

// What the page knows of a contribution: the argument, the arrays of its value and of the sum so far.
const givenBy = (event, c) => machine?.given[data.places[event.node]]?.find((x) => x.argument === c.argument);

// The contributions of a step, as Python found them or as they are now.
function contributionsOf(event) {
  if (!machine || !state.edited) return event.contributions;
  return event.contributions.map((c) => {
    const now = givenBy(event, c);
    return now ? { ...c, numbers: "", value: texts(now.value), sum: texts(now.sum) } : c;
  });
}
const valueOf = (node, recorded) => (state.edited && node !== null && arrayOf(node) ? texts(arrayOf(node)) : recorded);
const cotangentOf = (event) => (state.edited && gradientOf(event.node) ? texts(gradientOf(event.node)) : event.cotangent);

function term(list, key, value, array) {
  const dt = document.createElement("dt"), dd = document.createElement("dd");
  dt.textContent = key;
  dd.textContent = inBox(value.short);
  dd.title = value.exact;
  dd.dataset.exact = value.exact;
  dd.dataset.key = key;
  const drawn = array && value !== HIDDEN ? matrix(array) : null;
  if (drawn) {
    if (array.data.length <= 12) dd.textContent = `shape (${array.shape.join(", ")}${array.shape.length === 1 ? "," : ""})`;
    dd.append(drawn);
  }
  list.append(dt, dd);
}

function contribution(c, given) {
  const li = document.createElement("li");
  // A text; or in its place, after a lead, the matrix that it describes.
  const part = (tag, text, name, lead = "", array = null) => {
    if (!text) return;
    const e = document.createElement(tag), drawn = array ? matrix(array) : null;
    e.textContent = drawn ? lead : lead + text;
    if (drawn) e.append(drawn);
    if (name) e.className = name;
    li.append(e);
  };
  part("strong", `to ${c.name} (argument ${c.argument})`);
  part("code", c.rule);
  if (state.asking) part("span", "= ?");
  else {
    part("code", c.numbers && `= ${c.numbers.replaceAll("-", "−")}`);
    part("span", inBox(c.value.short), "", "= ", given?.value);
    part("span", c.unbroadcast, "note");
    if (c.of > 1) part("span", inBox(c.sum.short), "sum", `sum so far (${c.count} of ${c.of}): `, given?.sum);
    else if (given?.value.shape.length) part("span", "the only contribution, so this is the gradient", "sum");
    else part("span", `gradient: ${inBox(c.sum.short)}`, "sum");
    li.dataset.exact = c.value.exact;
    li.dataset.sum = c.sum.exact;
  }
  li.dataset.name = c.name;
  return li;
}

function show(at, follow = true) {
  state.at = Math.max(0, Math.min(data.events.length - 1, at));
  const event = data.events[state.at];
  if (!event) return;
  get("position").value = state.at;
  get("count").textContent = `${state.at + 1} of ${data.events.length}`;
  get("phase").textContent = event.phase;
  get("phase").className = event.phase;
  const name = data.nodes[event.node].name;
  const { kind, symbol } = data.nodes[event.node], title = elementOf(event.node)?.querySelector("text")?.textContent;
  get("symbol").textContent = symbol && symbol !== event.operation ? symbol : "";
  get("operation").textContent = name;
  get("formula").textContent = event.operation === "leaf" ? kind : event.formula ? `${event.operation}: ${event.formula}` : event.operation;
  const around = [event.module && `in module ${event.module}`, title && title !== (symbol || name) && `in the box “${title}”`];
  get("where").textContent = around.filter(Boolean).join(", ");
  const values = get("values"), list = get("contributions");
  values.replaceChildren();
  list.replaceChildren();
  const own = event.phase === "forward" ? valueOf(event.node, event.value) : cotangentOf(event);
  if (event.phase === "forward") {
    for (const x of event.inputs) {
      const node = x.node ?? null;
      term(values, x.name, valueOf(node, x.value), node === null ? null : arrayOf(node));
    }
    term(values, "result", state.asking ? HIDDEN : own, arrayOf(event.node));
  } else {
    term(values, "value", valueOf(event.node, data.nodes[event.node].value), arrayOf(event.node));
    term(values, "gradient", own, gradientOf(event.node));
    list.append(...contributionsOf(event).map((c) => contribution(c, givenBy(event, c))));
  }
  get("question").hidden = !state.asking;
  get("asked").textContent = event.phase === "forward" ? "What is the result?" : "What does each argument get?";
  const line = get("line");
  line.hidden = !event.line;
  line.textContent = event.line ? `${event.line.place}\n${event.line.text}` : "";
  const spoken = state.asking ? "what does it give?" : inBox(own.short);
  get("said").textContent = `${event.phase}, step ${state.at + 1} of ${data.events.length}: ${name}, ${spoken}`;
  paint(event);
  if (follow) reveal(elementOf(event.node));
}

// --- the values in the boxes: those of nodes that the pass has not reached are not shown ---

const boxes = pictures.map((_, level) => {
  const found = new Map();
  for (const [name, node] of Object.entries(data.levels[level].shows)) {
    const g = maps[level].nodes.get(name);
    if (g) found.set(name, boxOf(g, node));
  }
  return found;
});

function boxOf(g, node) {
  const box = { node, text: null, recorded: "", grid: [], mark: null, title: g.querySelector("title"), border: g.querySelector(".border"), shown: null };
  for (const e of g.children) {
    if (e.tagName === "text" && !box.grid.length && e.textContent.startsWith("value ")) box.text = e;
    else if (e.tagName === "text" && data.nodes[node].kind === "constant" && !box.text && e.classList.contains("title") && !e.textContent.match(/[a-z]/i)) box.text = e;
    if (e.tagName === "path" || e.classList.contains("outline") || (e.tagName === "text" && box.grid.some((x) => x.classList.contains("outline")))) box.grid.push(e);
  }
  box.recorded = box.text?.textContent ?? "";
  box.tip = box.title?.textContent ?? "";
  return box;
}

// The number of forward steps after which each node is known; 0 for a leaf.
const knownAt = new Array(data.nodes.length).fill(0);
data.events.forEach((e, i) => { if (e.phase === "forward") knownAt[e.node] = i + 1; });

function fill() {
  const known = state.at + (state.asking && data.events[state.at].phase === "forward" ? 0 : 1);
  for (const box of boxes[state.level].values()) {
    const now = knownAt[box.node] <= known;
    const mark = now && (state.edited ? machine.values[data.places[box.node]] : true);
    if (box.shown === mark) continue;
    box.shown = mark;
    const text = !now ? "?" : state.edited ? inBox(texts(arrayOf(box.node)).short) : "";
    if (box.text) {
      const lead = box.recorded.startsWith("value ") ? "value " : "";
      box.text.textContent = text ? lead + text : box.recorded;
      const wide = box.text.textContent.length * 0.54 * box.text.getAttribute("font-size");
      const room = +box.border.getAttribute("width") - 6;
      if (wide > room) box.text.setAttribute("textLength", room);
      else box.text.removeAttribute("textLength");
    }
    if (box.title) {
      const tip = box.tip.replace(/ = \S*$/, "");
      box.title.textContent = !now ? tip : state.edited && !arrayOf(box.node).shape.length ? `${tip} = ${texts(arrayOf(box.node)).exact}` : box.tip;
    }
    for (const e of box.grid) e.style.visibility = now ? "" : "hidden";
    if (box.mark) box.mark.style.visibility = now ? "hidden" : "";
    else if (!now) box.mark = unknown(box);
    if (now && state.edited && box.grid.length) refill(box, arrayOf(box.node));
  }
}

// A question mark in the place of a matrix.
function unknown(box) {
  const outline = box.grid.find((e) => e.classList.contains("outline"));
  if (!outline) return null;
  const [left, top, wide, high] = ["x", "y", "width", "height"].map((key) => +outline.getAttribute(key));
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "text");
  for (const [key, value] of Object.entries({ class: "unknown", x: left + wide / 2, y: top + high / 2 + 4, "font-size": 11, "text-anchor": "middle" }))
    mark.setAttribute(key, value);
  mark.textContent = "?";
  outline.after(mark);
  return mark;
}

// A matrix in a box, drawn once more.
function refill(box, x) {
  const outline = box.grid.find((e) => e.classList.contains("outline")), { rows, columns } = asMatrix(x);
  const [left, top, wide, high] = ["x", "y", "width", "height"].map((key) => +outline.getAttribute(key));
  const labels = box.grid.filter((e) => e.tagName === "text"), most = largestSize(x) || 1;
  const far = labels.length ? rows : Math.min(rows, 10), across = labels.length ? columns : Math.min(columns, 16);
  for (const e of box.grid) if (e.tagName === "path") e.remove();
  box.grid = box.grid.filter((e) => e.tagName !== "path");
  const edges = [...Array(across + 1).keys()].map((j) => left + (wide * j) / across);
  if (labels.length === rows * columns)
    for (let j = 1; j < columns; j++) edges[j] = (+labels[j - 1].getAttribute("x") + +labels[j].getAttribute("x")) / 2;
  for (let i = 0; i < far; i++)
    for (let j = 0; j < across; j++) {
      const v = labels.length ? x.data[i * columns + j] : mean(x, rows, columns, i, j, far, across);
      const cell = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const d = `M${edges[j]} ${top + (high * i) / far}h${edges[j + 1] - edges[j]}v${high / far}h${edges[j] - edges[j + 1]}z`;
      cell.setAttribute("d", d);
      cell.setAttribute("class", v < 0 ? "minus" : "plus");
      cell.setAttribute("fill", v < 0 ? "#c2570c" : "#1f6fb4");
      cell.setAttribute("fill-opacity", ((labels.length ? 0.34 : 1) * Math.min(1, Math.abs(v) / most || 0)).toFixed(3));
      outline.before(cell);
      box.grid.push(cell);
      const label = labels[i * columns + j];
      if (label) write(label, v, edges[j + 1] - edges[j] - 2);
    }
}

// A number in at most so many units of width: in three digits if they fit, else in fewer.
function write(label, v, width) {
  const fits = (text) => text.length * 0.56 * label.getAttribute("font-size") <= width;
  const rounded = [3, 2, 1].map((digits) => (Number.isFinite(v) ? inBox(short(Number(v.toPrecision(digits)))) : short(v)));
  label.textContent = rounded.find(fits) ?? rounded[2];
  if (fits(label.textContent)) label.removeAttribute("textLength");
  else label.setAttribute("textLength", width);
}

// The mean of a block of a matrix.
function mean(x, rows, columns, i, j, far, across) {
  let sum = 0, n = 0;
  for (let r = Math.floor((i * rows) / far); r < Math.floor(((i + 1) * rows) / far); r++)
    for (let c = Math.floor((j * columns) / across); c < Math.floor(((j + 1) * columns) / across); c++, n++)
      sum += x.data[r * columns + c];
  return n ? sum / n : 0;
}

// Remember what is painted at each level, so that a step touches only what it changes.
const painted = pictures.map(() => ({ now: null, edges: [], done: new Set(), badges: new Map() }));

function paint(event) {
  const { nodes, edges } = maps[state.level], before = painted[state.level];
  const done = new Set(), sums = new Map(), { shows } = data.levels[state.level];
  const put = (node, told) => { if (shows[nameOf(node)] === node) sums.set(nameOf(node), told); };
  for (let i = 0; i <= state.at; i++) {
    const e = data.events[i];
    if (e.phase === event.phase) done.add(nameOf(e.node));
    if (e.phase !== "backward") continue;
    put(e.node, cotangentOf(e));
    if (i === state.at && state.asking) continue;
    for (const c of contributionsOf(e)) if (c.to !== null) put(c.to, c.sum);
  }
  const now = nameOf(event.node);
  done.delete(now);
  fill();
  turn(event.phase === "backward");
  for (const name of before.done) if (!done.has(name)) nodes.get(name)?.classList.remove("done");
  for (const name of done) if (!before.done.has(name)) nodes.get(name)?.classList.add("done");
  if (before.now !== now) nodes.get(before.now)?.classList.remove("now");
  nodes.get(now)?.classList.add("now");
  for (const edge of before.edges) edge.classList.remove("now");
  const others = event.phase === "forward" ? event.inputs.map((x) => x.node) : event.contributions.map((c) => c.to);
  before.edges = others.filter((n) => n !== null && n !== undefined).map((n) => edges.get(`${nameOf(n)}->${now}`)).filter(Boolean);
  for (const edge of before.edges) edge.classList.add("now");
  const shown = event.phase === "backward" ? sums : new Map();
  for (const [name, label] of before.badges) if (!shown.has(name)) { label.remove(); before.badges.delete(name); }
  for (const [name, told] of shown) badge(before.badges, name, nodes.get(name), told);
  before.done = done;
  before.now = now;
}

// In the backward pass, arrows point to where gradients go.
const turned = new Set();
function turn(back) {
  const picture = pictures[state.level];
  picture.classList.toggle("back", back);
  if (!back || turned.has(state.level)) return;
  turned.add(state.level);
  for (const g of maps[state.level].edges.values()) {
    const path = g.querySelector("path");
    const tip = path.getPointAtLength(0), end = path.getPointAtLength(7), far = Math.hypot(end.x - tip.x, end.y - tip.y) || 1;
    const dx = ((end.x - tip.x) / far) * 6, dy = ((end.y - tip.y) / far) * 6, head = g.querySelector("polygon").cloneNode();
    head.setAttribute("points", `${tip.x},${tip.y} ${tip.x + dx - dy * 0.42},${tip.y + dy + dx * 0.42} ${tip.x + dx + dy * 0.42},${tip.y + dy - dx * 0.42}`);
    head.setAttribute("class", "tail");
    g.append(head);
  }
}

function badge(badges, name, g, told) {
  if (!g) return;
  const listed = `∂ ${told.short.replace(/^\(.*?\): /, "")}`;
  const text = inBox(told.norm !== undefined && listed.length > 14 ? `‖∂‖ ${told.norm}` : listed);
  if (!badges.has(name)) badges.set(name, newBadge(g));
  const label = badges.get(name);
  if (label.textContent === text) return;
  const [ground, words] = label.children;
  words.textContent = text;
  const wide = words.getComputedTextLength() + 6;
  ground.setAttribute("width", wide);
  ground.setAttribute("x", +words.getAttribute("x") + 3 - wide);
}

// On the lower border of a box: above it may be the title of a frame.
function newBadge(g) {
  const box = g.getBBox(), label = document.createElementNS("http://www.w3.org/2000/svg", "g");
  const right = box.x + box.width + 4, make = (tag, attributes) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
    label.append(e);
  };
  label.setAttribute("class", "badge");
  const bottom = box.y + box.height;
  make("rect", { y: bottom - 5, height: 12, rx: 3 });
  make("text", { x: right - 3, y: bottom + 4.5, "text-anchor": "end" });
  g.append(label);
  return label;
}

// --- playing ---

function play(on) {
  clearInterval(state.playing);
  state.playing = on ? setInterval(() => (atEnd() ? play(false) : advance()), +get("speed").value) : null;
  get("play").textContent = on ? "pause" : "play";
  get("play").setAttribute("aria-label", on ? "Pause" : "Play");
  get("play").setAttribute("aria-pressed", String(on));
}
const atEnd = () => state.at + 1 >= data.events.length && !state.asking;
// With "ask first", a step is shown without its result, and the next press shows that.
function advance() {
  if (state.asking) {
    state.asking = false;
    show(state.at);
  } else if (!atEnd()) {
    state.asking = get("ask").checked;
    show(state.at + 1);
  }
}
const toggle = () => {
  if (!state.playing && atEnd()) toFirst();
  play(!state.playing);
};
const step = (n) => {
  play(false);
  if (n > 0) advance();
  else jump(state.at + n);
};
const jump = (at, asks = false) => { play(false); state.asking = asks && get("ask").checked; show(at); };
const toFirst = () => jump(0, true);
const toBackward = () => {
  const at = data.events.findIndex((e) => e.phase === "backward");
  if (at >= 0) jump(at, true);
};

// --- zooming and panning ---

function place() {
  get("canvas").style.transform = `translate(${state.x}px, ${state.y}px) scale(${state.scale})`;
}
const READABLE = 0.75; // letters of 9 pixels
// The whole picture; or, if that would be too small to read, at a size that can be read.
function fit(readable) {
  const stage = get("stage").getBoundingClientRect();
  const svg = pictures[state.level].querySelector("svg");
  const width = svg.width.baseVal.value, height = svg.height.baseVal.value;
  state.scale = Math.min(1.6, (stage.width - 16) / width, (stage.height - 16) / height);
  if (readable && state.scale < READABLE) state.scale = READABLE;
  // What is larger than the stage begins at its edge, and what happens now is brought into view.
  const middle = (room, size) => (size > room ? 8 : (room - size) / 2);
  state.x = middle(stage.width, width * state.scale);
  state.y = middle(stage.height, height * state.scale);
  place();
}
function open() {
  fit(true);
  const event = data.events[state.at];
  if (event) reveal(elementOf(event.node));
}
function zoom(factor, x, y) {
  const stage = get("stage").getBoundingClientRect();
  x = x === undefined ? stage.width / 2 : x - stage.left;
  y = y === undefined ? stage.height / 2 : y - stage.top;
  const scale = Math.max(0.02, Math.min(8, state.scale * factor));
  state.x = x - ((x - state.x) * scale) / state.scale;
  state.y = y - ((y - state.y) * scale) / state.scale;
  state.scale = scale;
  place();
}
function reveal(g) {
  if (!g) return;
  const stage = get("stage").getBoundingClientRect(), box = g.getBoundingClientRect();
  const margin = 24;
  if (box.left < stage.left + margin) state.x += stage.left + margin - box.left;
  else if (box.right > stage.right - margin) state.x += stage.right - margin - box.right;
  if (box.top < stage.top + margin) state.y += stage.top + margin - box.top;
  else if (box.bottom > stage.bottom - margin) state.y += stage.bottom - margin - box.bottom;
  place();
}

const held = new Map();
get("stage").addEventListener("pointerdown", (e) => {
  held.set(e.pointerId, [e.clientX, e.clientY]);
  get("stage").classList.add("held");
});
window.addEventListener("pointermove", (e) => {
  const before = held.get(e.pointerId);
  if (!before) return;
  const others = [...held].filter(([id]) => id !== e.pointerId).map(([, p]) => p);
  if (others.length) {
    const far = ([x, y]) => Math.hypot(x - others[0][0], y - others[0][1]);
    zoom(far([e.clientX, e.clientY]) / Math.max(1, far(before)), (e.clientX + others[0][0]) / 2, (e.clientY + others[0][1]) / 2);
  } else {
    state.x += e.clientX - before[0];
    state.y += e.clientY - before[1];
    place();
  }
  held.set(e.pointerId, [e.clientX, e.clientY]);
});
for (const end of ["pointerup", "pointercancel"])
  window.addEventListener(end, (e) => {
    held.delete(e.pointerId);
    if (!held.size) get("stage").classList.remove("held");
  });
get("stage").addEventListener("wheel", (e) => {
  e.preventDefault();
  zoom(Math.exp(-e.deltaY / 400), e.clientX, e.clientY);
}, { passive: false });

// --- modules: a click on a closed box opens the next level ---

function setLevel(level, around) {
  state.level = Math.max(0, Math.min(pictures.length - 1, level));
  pictures.forEach((picture, i) => (picture.hidden = i !== state.level));
  get("level").value = state.level;
  search();
  fit(true);
  show(state.at);
  if (around !== undefined) reveal(elementOf(around));
}
data.levels.forEach((level, i) => get("level").append(new Option(level.label, i)));
get("levels").hidden = data.levels.length < 2;
data.levels.forEach((level, i) => {
  const inside = new Map();
  for (const [node, name] of Object.entries(level.ids)) inside.set(name, [...(inside.get(name) ?? []), +node]);
  for (const [name, members] of inside) {
    const g = maps[i].nodes.get(name);
    if (!g || members.length < 2 || i + 1 >= data.levels.length) continue;
    const open = () => setLevel(i + 1, members[members.length - 1]);
    g.classList.add("closed");
    g.setAttribute("tabindex", "0");
    g.setAttribute("role", "button");
    g.setAttribute("aria-label", `Open module ${g.querySelector("text")?.textContent ?? ""}`);
    g.addEventListener("click", open);
    g.addEventListener("keydown", (e) => { if (e.key === "Enter") { e.stopPropagation(); open(); } });
  }
});

// --- search ---

function search() {
  const wanted = get("search").value.trim().toLowerCase();
  for (const g of maps[state.level].nodes.values()) g.classList.remove("found");
  const hits = wanted ? data.nodes.map((n, i) => [n, i]).filter(([n]) => n.name.toLowerCase().includes(wanted)) : [];
  for (const [, i] of hits) elementOf(i)?.classList.add("found");
  get("found").textContent = wanted ? `${hits.length} found` : "";
  return hits.map(([, i]) => i);
}
get("search").addEventListener("input", () => { const [hit] = search(); if (hit !== undefined) reveal(elementOf(hit)); });
get("search").addEventListener("keydown", (e) => {
  if (e.key !== "Enter") return;
  const [hit] = search();
  const at = data.events.findIndex((event) => event.node === hit);
  if (at >= 0) jump(at);
});

// --- buttons and keys ---

get("first").onclick = toFirst;
get("back").onclick = () => step(-1);
get("play").onclick = toggle;
get("next").onclick = () => step(1);
get("backward").onclick = toBackward;
get("last").onclick = () => jump(data.events.length - 1);
get("in").onclick = () => zoom(1.25);
get("out").onclick = () => zoom(0.8);
get("fit").onclick = () => fit();
get("position").max = Math.max(0, data.events.length - 1);
get("position").oninput = (e) => jump(+e.target.value);
get("level").onchange = (e) => setLevel(+e.target.value, data.events[state.at]?.node);
get("speed").onchange = () => { if (state.playing) play(true); };
const keys = {
  " ": toggle, ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: toFirst,
  End: () => jump(data.events.length - 1), b: toBackward, "+": () => zoom(1.25), "=": () => zoom(1.25),
  "-": () => zoom(0.8), 0: () => fit(), "/": () => get("search").focus(),
};
document.addEventListener("keydown", (e) => {
  const { tagName, type } = e.target, presses = tagName === "BUTTON" || type === "checkbox";
  if (e.ctrlKey || e.metaKey || e.altKey || (["INPUT", "SELECT", "TEXTAREA"].includes(tagName) && !presses)) return;
  if (e.key === " " && presses) return;
  const action = keys[e.key];
  if (action) { e.preventDefault(); action(); }
});
get("ask").onchange = () => { if (!get("ask").checked && state.asking) advance(); };
get("reveal").onclick = () => step(1);
state.asking = get("ask").checked;
new ResizeObserver(open).observe(get("stage"));
setLevel(0);
