"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const get = (id) => document.getElementById(id);
const pictures = [...document.querySelectorAll(".picture")];
const state = { at: 0, level: 0, playing: null, x: 0, y: 0, scale: 1 };
window.player = state;

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

function term(list, key, value) {
  const dt = document.createElement("dt"), dd = document.createElement("dd");
  dt.textContent = key;
  dd.textContent = value.short;
  dd.title = value.exact;
  dd.dataset.exact = value.exact;
  dd.dataset.key = key;
  list.append(dt, dd);
}

function contribution(c) {
  const li = document.createElement("li");
  const part = (tag, text, name) => {
    if (!text) return;
    const e = document.createElement(tag);
    e.textContent = text;
    if (name) e.className = name;
    li.append(e);
  };
  part("strong", `to ${c.name} (argument ${c.argument})`);
  part("code", c.rule);
  part("code", c.numbers && `= ${c.numbers}`);
  part("span", `= ${c.value.short}`);
  part("span", c.unbroadcast, "note");
  const sum = c.of > 1 ? `sum so far (${c.count} of ${c.of}): ${c.sum.short}` : `gradient: ${c.sum.short}`;
  part("span", sum, "sum");
  li.dataset.exact = c.value.exact;
  li.dataset.sum = c.sum.exact;
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
  get("operation").textContent = name;
  get("formula").textContent = event.formula ? `${event.operation}: ${event.formula}` : event.operation;
  get("where").textContent = event.module ? `in module ${event.module}` : "";
  const values = get("values"), list = get("contributions");
  values.replaceChildren();
  list.replaceChildren();
  if (event.phase === "forward") {
    for (const x of event.inputs) term(values, x.name, x.value);
    term(values, "result", event.value);
  } else {
    term(values, "value", data.nodes[event.node].value);
    term(values, "gradient", event.cotangent);
    list.append(...event.contributions.map(contribution));
  }
  const line = get("line");
  line.hidden = !event.line;
  line.textContent = event.line ? `${event.line.place}\n${event.line.text}` : "";
  const spoken = event.phase === "forward" ? event.value.short : event.cotangent.short;
  get("said").textContent = `${event.phase}, step ${state.at + 1} of ${data.events.length}: ${name}, ${spoken}`;
  paint(event);
  if (follow) reveal(elementOf(event.node));
}

// Remember what is painted at each level, so that a step touches only what it changes.
const painted = pictures.map(() => ({ now: null, edges: [], done: new Set(), badges: new Map() }));

function paint(event) {
  const { nodes, edges } = maps[state.level], before = painted[state.level];
  const done = new Set(), sums = new Map();
  for (let i = 0; i <= state.at; i++) {
    const e = data.events[i];
    if (e.phase === event.phase) done.add(nameOf(e.node));
    if (e.phase !== "backward") continue;
    if (!sums.has(nameOf(e.node))) sums.set(nameOf(e.node), e.cotangent.short);
    for (const c of e.contributions) if (c.to !== null) sums.set(nameOf(c.to), c.sum.short);
  }
  const now = nameOf(event.node);
  done.delete(now);
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
  for (const [name, text] of shown) badge(before.badges, name, nodes.get(name), text);
  before.done = done;
  before.now = now;
}

function badge(badges, name, g, text) {
  if (!g || text.length > 14) return;
  let label = badges.get(name);
  if (!label) {
    const box = g.getBBox();
    label = document.createElementNS("http://www.w3.org/2000/svg", "text");
    label.setAttribute("class", "badge");
    label.setAttribute("x", box.x + box.width - 2);
    label.setAttribute("y", box.y - 3);
    label.setAttribute("text-anchor", "end");
    g.append(label);
    badges.set(name, label);
  }
  if (label.textContent !== `∂ ${text}`) label.textContent = `∂ ${text}`;
}

// --- playing ---

function play(on) {
  clearInterval(state.playing);
  state.playing = on ? setInterval(() => (state.at + 1 < data.events.length ? show(state.at + 1) : play(false)), +get("speed").value) : null;
  get("play").textContent = on ? "pause" : "play";
  get("play").setAttribute("aria-label", on ? "Pause" : "Play");
  get("play").setAttribute("aria-pressed", String(on));
}
const toggle = () => {
  if (!state.playing && state.at + 1 >= data.events.length) show(0);
  play(!state.playing);
};
const step = (n) => { play(false); show(state.at + n); };
const jump = (at) => { play(false); show(at); };
const toBackward = () => {
  const at = data.events.findIndex((e) => e.phase === "backward");
  if (at >= 0) jump(at);
};

// --- zooming and panning ---

function place() {
  get("canvas").style.transform = `translate(${state.x}px, ${state.y}px) scale(${state.scale})`;
}
function fit() {
  const stage = get("stage").getBoundingClientRect();
  const svg = pictures[state.level].querySelector("svg");
  const width = svg.width.baseVal.value, height = svg.height.baseVal.value;
  state.scale = Math.min(1.6, (stage.width - 16) / width, (stage.height - 16) / height);
  state.x = (stage.width - width * state.scale) / 2;
  state.y = (stage.height - height * state.scale) / 2;
  place();
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
  fit();
  show(state.at, false);
  if (around !== undefined) {
    const g = elementOf(around);
    if (g && state.scale < 0.7) zoom(0.9 / state.scale);
    reveal(g);
  }
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

get("first").onclick = () => jump(0);
get("back").onclick = () => step(-1);
get("play").onclick = toggle;
get("next").onclick = () => step(1);
get("backward").onclick = toBackward;
get("last").onclick = () => jump(data.events.length - 1);
get("in").onclick = () => zoom(1.25);
get("out").onclick = () => zoom(0.8);
get("fit").onclick = fit;
get("position").max = Math.max(0, data.events.length - 1);
get("position").oninput = (e) => jump(+e.target.value);
get("level").onchange = (e) => setLevel(+e.target.value, data.events[state.at]?.node);
get("speed").onchange = () => { if (state.playing) play(true); };
const keys = {
  " ": toggle, ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => jump(0),
  End: () => jump(data.events.length - 1), b: toBackward, "+": () => zoom(1.25), "=": () => zoom(1.25),
  "-": () => zoom(0.8), 0: fit, "/": () => get("search").focus(),
};
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || ["INPUT", "SELECT", "TEXTAREA"].includes(e.target.tagName)) return;
  if (e.key === " " && e.target.tagName === "BUTTON") return;
  const action = keys[e.key];
  if (action) { e.preventDefault(); action(); }
});
new ResizeObserver(fit).observe(get("stage"));
setLevel(0);
