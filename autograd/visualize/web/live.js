// Other values for inputs and parameters, and gradient descent: all that is shown follows at once.

const live = { history: [], training: null, editors: [] };
const MANY = 16; // entries that have a field each
// The shifts of softmaxes follow their arguments; other arrays of numbers, such as data, can change.
const shifts = new Set((data.recipe?.nodes ?? []).flatMap((node) => node.inputs ?? [])
  .filter((x) => x?.axis).map((x) => x.node));
const isData = (node) => {
  const x = machine?.values[data.places[node.i]];
  return node.kind === "constant" && x?.shape.length && x.dtype.startsWith("float")
    && !shifts.has(data.places[node.i]) && !data.fixed.includes(data.places[node.i]);
};
const everything = data.nodes.map((node, i) => ({ ...node, i }));
const leaves = [
  ...everything.filter((node) => node.kind === "input" || node.kind === "parameter"),
  ...everything.filter(isData),
];
const parameters = leaves.filter((leaf) => leaf.kind === "parameter" && leaf.trained);
const trained = parameters.length ? parameters : leaves.filter((leaf) => leaf.trained);
const started = machine ? machine.values.map((x) => x && interpreter.make(x.data.slice(), x.shape, x.dtype)) : [];

// Show what the page computed, from now on.
function refresh(follow = false) {
  if (!state.edited) {
    state.edited = true;
    if (state.at === 0) state.at = data.events.length - 1; // all values and gradients
  }
  state.asking = false;
  show(state.at, follow);
  for (const editor of live.editors) editor.update();
  get("loss").textContent = machine.root === null ? "" : `loss ${inBox(short(machine.loss()))}`;
}

// Whether an array holds integers or booleans.
const whole = (x) => !x.dtype.startsWith("float");

// A number as one types it, with a minus or a hyphen, a point or a comma, "nan" and "inf" too; null for
// anything else.
function typed(text) {
  const plain = text.trim().toLowerCase().replaceAll("−", "-").replace(/^([^,]*),([^,.]*)$/, "$1.$2");
  if (plain === "nan") return NaN;
  const infinite = plain.match(/^([+-]?)inf(inity)?$/);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  return plain === "" || Number.isNaN(Number(plain)) ? null : Number(plain);
}
const inField = (x) => (Object.is(x, -0) ? "−0" : Number.isFinite(x) ? String(Number(x.toPrecision(6))).replaceAll("-", "−") : inBox(short(x)));

function edit(leaf, entry, value) {
  const i = data.places[leaf.i], x = machine.values[i], changed = x.data.slice();
  if (whole(x)) value = x.dtype === "bool" ? +!!value : Math.round(value);
  if ((whole(x) && !Number.isFinite(value)) || Object.is(changed[entry], value)) return;
  changed[entry] = x.dtype === "float32" ? Math.fround(value) : value;
  machine.values[i] = interpreter.make(changed, x.shape, x.dtype);
  machine.run();
  live.history = [];
  curve();
  refresh();
}

// --- fields: one for each entry of a small array, else for the entry that was picked ---

function editor(leaf) {
  const box = document.createElement("fieldset"), legend = document.createElement("legend");
  const x = () => machine.values[data.places[leaf.i]], size = x().data.length;
  legend.textContent = leaf.name;
  box.append(legend);
  box.className = leaf.kind;
  let picked = 0, map = null;
  const { columns } = asMatrix(x());
  const slider = document.createElement("input"), fields = [];
  slider.type = "range";
  slider.step = whole(x()) ? 1 : "any";
  slider.setAttribute("aria-label", `${leaf.name}, drag`);
  const range = () => {
    const now = x().data[picked], far = Number.isFinite(now) ? Math.min(Math.max(2, 2 * Math.abs(now)), 1e300) : 2;
    slider.min = -far;
    slider.max = far;
    slider.value = Number.isFinite(now) ? now : 0;
  };
  const grid = document.createElement("div");
  grid.className = "fields";
  grid.style.setProperty("--columns", size <= MANY ? Math.min(columns, 4) : 1);
  for (let k = 0; k < Math.min(size, size <= MANY ? size : 1); k++) {
    const field = document.createElement("input");
    field.type = "text";
    field.inputMode = "decimal";
    field.autocomplete = "off";
    field.spellcheck = false;
    field.setAttribute("aria-label", size > 1 ? `${leaf.name}, entry ${k}` : leaf.name);
    const entry = () => (size <= MANY ? k : picked);
    field.oninput = () => {
      const value = typed(field.value), fits = value !== null && (!whole(x()) || Number.isInteger(value));
      field.setAttribute("aria-invalid", String(!fits));
      field.title = fits ? "" : whole(x()) ? "an integer" : "a number, nan or inf";
      if (fits) edit(leaf, entry(), value);
    };
    field.onblur = () => { field.removeAttribute("aria-invalid"); field.title = ""; update(); };
    field.onfocus = () => { picked = entry(); range(); };
    fields.push(field);
    grid.append(field);
  }
  slider.oninput = () => edit(leaf, picked, +slider.value);
  slider.onchange = range;
  box.append(grid, slider);
  const update = () => {
    fields.forEach((field, k) => {
      if (document.activeElement !== field) field.value = inField(x().data[size <= MANY ? k : picked]);
    });
    if (document.activeElement !== slider) range();
    if (size > MANY) {
      const next = matrix(x());
      next.onclick = (e) => {
        const rect = next.getBoundingClientRect(), rows = x().data.length / columns;
        const i = Math.floor(((e.clientY - rect.top) / rect.height) * rows), j = Math.floor(((e.clientX - rect.left) / rect.width) * columns);
        picked = Math.max(0, Math.min(size - 1, i * columns + j));
        legend.textContent = `${leaf.name}, entry ${columns < size ? `${i}, ${j}` : j}`;
        fields[0].setAttribute("aria-label", legend.textContent);
        fields[0].value = inField(x().data[picked]);
        range();
      };
      if (map) map.replaceWith(next);
      else box.append(next);
      map = next;
    }
  };
  update();
  return { box, update, leaf };
}

// --- gradient descent ---

function descend(times = 1) {
  const rate = +get("rate").value, places = trained.map((leaf) => data.places[leaf.i]);
  if (!live.history.length) live.history.push(machine.loss());
  for (let i = 0; i < times; i++) {
    machine.descend(rate, places);
    live.history.push(machine.loss());
  }
  if (!Number.isFinite(machine.loss())) train(false);
  curve();
  refresh();
}

function train(on) {
  cancelAnimationFrame(live.training);
  live.training = null;
  const next = () => {
    descend();
    if (live.training !== null) live.training = requestAnimationFrame(next);
  };
  if (on) live.training = requestAnimationFrame(next);
  get("train").textContent = on ? "stop" : "train";
  get("train").setAttribute("aria-label", on ? "Stop training" : "Train");
  get("train").setAttribute("aria-pressed", String(on));
}

function curve() {
  const losses = live.history.filter(Number.isFinite), line = get("curve").querySelector("polyline");
  get("curve").hidden = losses.length < 2;
  get("curve").style.display = losses.length < 2 ? "none" : "";
  if (losses.length < 2) return line.setAttribute("points", "");
  const low = Math.min(0, losses.reduce((a, b) => Math.min(a, b))), high = losses.reduce((a, b) => Math.max(a, b));
  const stride = Math.max(1, Math.floor(losses.length / 600));
  const points = losses.map((y, i) => [i, y]).filter(([i]) => i % stride === 0 || i === losses.length - 1)
    .map(([i, y]) => `${(2 + (296 * i) / (losses.length - 1)).toFixed(1)},${(86 - (82 * (y - low)) / (high - low || 1)).toFixed(1)}`);
  line.setAttribute("points", points.join(" "));
  get("curve").setAttribute("aria-label", `The loss after each of ${losses.length - 1} steps: from ${short(losses[0])} to ${short(losses[losses.length - 1])}`);
}

function reset() {
  train(false);
  started.forEach((x, i) => { if (x) machine.values[i] = interpreter.make(x.data.slice(), x.shape, x.dtype); });
  machine.run();
  live.history = [];
  curve();
  refresh();
}

get("live").hidden = false;
if (machine) {
  live.editors = leaves.slice(0, 60).map(editor);
  get("leaves").append(...live.editors.map((e) => e.box));
  get("training").hidden = machine.root === null || !trained.length;
  get("note").textContent = "Numbers that the program took out of the graph, by .data or .item(), stay as they are.";
  curve();
} else get("note").textContent = `This page does not compute: ${data.reason}. It plays what Python computed.`;
get("descend").onclick = () => { train(false); descend(); };
get("train").onclick = () => train(live.training === null);
get("reset").onclick = reset;

// A click on the box of an input or parameter leads to its fields.
for (const [level, found] of boxes.entries())
  for (const [name, box] of found) {
    const editorOf = live.editors.find((e) => e.leaf.i === box.node);
    const g = maps[level].nodes.get(name);
    if (!editorOf || !g) continue;
    g.classList.add("editable");
    g.addEventListener("click", () => {
      editorOf.box.scrollIntoView({ block: "center" });
      editorOf.box.querySelector("input").focus({ preventScroll: true });
    });
  }
