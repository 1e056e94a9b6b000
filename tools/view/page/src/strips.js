// The strips: presentations, stimuli, every population as a heat map or its spikes, on one axis. Far out they show the
// extremes of blocks (overview), near every value.
import { drawBar, farthest, ink, line, picture, scaleOf } from "./colours.js";
import * as data from "./data.js";
import { button, exact, fit, h, short, theme } from "./dom.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";

const gutter = 150, bar = 58; // pixels left of the strips (names) and right of them (colour bars)
const exactNumbers = 2e6; // no more are asked for at once
let strips = [], area, list, axis, cursor, plotWidth = 100;

export const geometry = () => ({ gutter, bar, width: plotWidth });
export const stripInfo = () => strips.filter((s) => s.variable || s.group).map((s) => ({
  population: s.name, variable: s.variable?.name ?? null, group: s.group, kind: s.kind,
  extremes: s.tile ? data.extremes(s.tile.data) : null, spikes: s.spikes ? s.spikes.tick.map((t, i) => [t, s.spikes.neuron[i]])
    : null,
}));

export function create() {
  axis = h("canvas", { class: "axis", "aria-hidden": "true" });
  list = h("div", { class: "strip-list" });
  cursor = h("div", { class: "cursor", "aria-hidden": "true" });
  area = h("div", { class: "strips", tabindex: "0", role: "slider", "aria-label": "cursor: arrow keys move it tick by tick",
    onpointerdown: press, onpointermove: hover, onpointerleave: () => set({ hover: null }), onwheel: wheel }, axis, list, cursor);
  area.addEventListener("wheel", (event) => event.preventDefault(), { passive: false });
  new ResizeObserver(layout).observe(area);
  on(["from", "to", "lane", "version"], () => { loadAll(); time.loadEvents(); drawAll(); });
  on(["tick"], moveCursor);
  on(["events"], eventsCame);
  on(["theme", "scales"], drawAll);
  on(["fields"], () => { build(); loadAll(); });
  on(["population", "neuron"], drawAll);
  return area;
}

/** Makes a strip of each population. */
export function build() {
  strips = [];
  if (data.info.presentations || data.live()) strips.push(eventStrip("presentation",
    "When each sample was shown; grey: the input alone, orange: with the teacher", 22, drawPresentations));
  for (const name of stimulated()) strips.push(eventStrip(name, `When a stimulus held ${name}`, 16, drawStimuli));
  for (const about of data.info.populations) {
    const variable = data.shown(about.name), groups = data.spikeGroups(about.name);
    if (variable) strips.push(heatStrip(about, variable));
    else if (groups.length > 0) strips.push(spikeStrip(about, groups[0].group));
  }
  list.replaceChildren(...strips.map((strip) => strip.row));
  layout();
}

function stripRow(label, canvas, scale, title) {
  return h("div", { class: "strip", title: null }, h("div", { class: "strip-label", title }, ...label), canvas, scale);
}

function eventStrip(name, title, height, draw) {
  const strip = { name, events: true, height, canvas: h("canvas"), load() {}, row: null };
  const label = draw === drawStimuli ? h("span", { class: "sub" }, "stimulus ", h("b", {}, name)) : h("b", {}, name);
  strip.row = stripRow([label], strip.canvas, h("span", { class: "strip-scale" }), title);
  strip.draw = () => draw(strip, fit(strip.canvas, plotWidth, strip.height));
  return strip;
}

function populationLabel(about, current, recorded = about.size) {
  const options = about.variables.filter((v) => !v.event).map((v) => h("option",
    { value: v.field, selected: v.field === current }, v.field));
  if (data.spikeGroups(about.name).length) options.unshift(h("option", { value: "spikes", selected: current === "spikes" },
    "spikes"));
  const choose = h("select", { "aria-label": `what of ${about.name} is shown`, title: "what is shown",
    onchange: (event) => set({ fields: { ...state.fields, [about.name]: event.target.value } }) }, options);
  const name = h("button", { type: "button", class: "plain name",
    title: `${about.title}\n${about.equation ?? ""}\n${about.size} neurons; click to select`,
    onclick: () => set({ population: about.name, neuron: null, panel: "neuron" }) }, about.name);
  return [name, h("span", { class: "sub" }, options.length > 1 ? choose : current,
    h("span", { class: "count", title: "neurons" }, ` ${recorded < about.size ? `${recorded} of ` : ""}${about.size}`))];
}

// ---- Heat maps ----

function heatStrip(about, variable) {
  const strip = { name: about.name, variable, neurons: data.rows(variable), canvas: h("canvas", { title: "" }),
    scale: h("canvas", { class: "strip-scale" }), tile: null, kind: null };
  const unit = variable.unit && variable.unit !== "1" ? ` (${variable.unit})` : "";
  strip.row = stripRow(populationLabel(about, variable.field, data.rows(variable)), strip.canvas, strip.scale,
    `${variable.name}: ${variable.description}${unit}`);
  strip.load = latest(() => loadTile(strip), (error) => set({ failure: error.message }));
  strip.draw = () => drawHeat(strip);
  return strip;
}

async function loadTile(strip) {
  const { from, to, lane } = state, name = strip.variable.name, tile = strip.tile, length = to - from;
  const [first, last] = data.info.window ?? [data.info.first, data.info.last]; // of an exported page: where values are exact
  const near = length <= 4 * plotWidth && length * strip.neurons <= exactNumbers
    && (data.live() || (from >= first && to <= last));
  const version = state.version;
  if (tile && tile.lane === lane && tile.version === version && tile.exact === near && tile.from <= from && tile.to >= to
    && (near || tile.to - tile.from < 3 * length)) return;
  // A margin on both sides, so that scrolling finds it there.
  const margin = data.live() ? 0 : Math.floor(Math.min(length / 2, (exactNumbers / strip.neurons - length) / 2));
  const reach = near ? [first, last] : [data.info.first, data.info.last];
  const a = Math.max(reach[0], from - Math.max(0, margin)), b = Math.min(reach[1], to + Math.max(0, margin));
  if (near) {
    const matrix = await source.values({ variable: name, from: a, to: b, lane });
    matrix.from = a;
    strip.tile = { ...matrix, exact: true, lane, version, from: a, to: b, block: [1, 1] };
    data.keepWindow(name, matrix);
    data.widen(name, ...data.extremes(matrix.data));
  } else {
    const matrix = await source.overview({ variable: name, from: a, to: b, columns: Math.ceil(plotWidth * 1.5), rows: 128,
      lane });
    const rows = matrix.rows / 2;
    const begin = Number.isFinite(matrix.from) ? matrix.from : a;
    strip.tile = { ...matrix, rows, exact: false, lane, version, from: begin, to: Math.max(b, begin + rows * matrix.block[0]) };
    data.widen(name, ...data.extremes(matrix.data));
  }
  strip.kind = near ? "exact" : "overview";
  drawHeat(strip);
  set({ tiles: (state.tiles ?? 0) + 1 });
}

/** Paints blocks [from, to) of a tile into an image; of many in a pixel the one farthest from 0 is shown. */
function paint(tile, scale, from, to, width, height) {
  const halves = (tile.exact ? [0] : [0, tile.rows]).map((half) =>
    tile.data.subarray((half + from) * tile.columns, (half + to) * tile.columns));
  const [columns, rows, values] = farthest(halves, to - from, tile.columns, width * (window.devicePixelRatio || 1), height, true);
  return picture(columns, rows, values, scale);
}

function drawHeat(strip) {
  const context = fit(strip.canvas, plotWidth, strip.height), tile = strip.tile, scale = data.scale(strip.variable.name);
  drawBar(fit(strip.scale, bar, strip.height), 6, 1, 8, strip.height - 2, scale, theme("ink-soft"));
  if (!tile) return;
  const step = tile.block[0];
  const from = Math.max(0, Math.floor((state.from - tile.from) / step)),
    to = Math.min(tile.rows, Math.ceil((state.to - tile.from) / step));
  if (to <= from) return;
  context.imageSmoothingEnabled = false;
  const left = time.x(tile.from + from * step, plotWidth), right = time.x(tile.from + to * step, plotWidth);
  context.drawImage(paint(tile, scale, from, to, right - left, strip.height), left, 0, right - left, strip.height);
  const cell = [plotWidth / (state.to - state.from), strip.height / strip.neurons];
  if (tile.exact && cell[0] >= 36 && cell[1] >= 9) printNumbers(context, tile, scale, from, to, cell);
  markNeuron(strip, context);
}

function printNumbers(context, tile, scale, from, to, [width, height]) {
  context.font = `${Math.min(11, Math.floor(height) - 1)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let frame = from; frame < to; ++frame) {
    for (let neuron = 0; neuron < tile.columns; ++neuron) {
      const value = tile.data[frame * tile.columns + neuron];
      if (Number.isNaN(value) || value === 0) continue;
      const text = short(value, width < 44 ? 2 : 3);
      if (context.measureText(text).width > width - 3) continue;
      context.fillStyle = ink(value, scale);
      context.fillText(text, time.x(tile.from + frame + 0.5, plotWidth), (neuron + 0.55) * height);
    }
  }
}

function markNeuron(strip, context) {
  if (state.population !== strip.name || state.neuron === null) return;
  const column = strip.variable ? data.columnOf(strip.variable, state.neuron) : state.neuron,
    height = strip.height / strip.neurons;
  if (column < 0) return;
  context.strokeStyle = theme("accent");
  context.lineWidth = 1.5;
  const thick = Math.max(3, height);
  context.strokeRect(0.75, Math.min(strip.height - thick - 0.75, Math.max(0.75, (column + 0.5) * height - thick / 2)),
    plotWidth - 1.5, thick);
}

// ---- Spikes ----

function spikeStrip(about, group) {
  const strip = { name: about.name, group, neurons: about.size, canvas: h("canvas"), spikes: null, density: null, kind: null };
  strip.row = stripRow(populationLabel(about, "spikes"), strip.canvas, h("span", { class: "strip-scale" }),
    `spikes of ${about.name}: a row for each neuron`);
  strip.load = latest(() => loadSpikes(strip), (error) => set({ failure: error.message }));
  strip.draw = () => drawSpikes(strip);
  return strip;
}

async function loadSpikes(strip) {
  const { from, to, lane } = state, event = data.population(strip.name).variables.find((v) => v.event);
  const spikes = await source.spikes({ group: strip.group, from, to, lane, most: 20000 });
  strip.density = null;
  if (spikes.more && event) { // too many to be drawn one by one: where there were any
    const matrix = await source.overview({ variable: event.name, from, to, columns: Math.ceil(plotWidth), rows: 128,
      lane }).catch(() => null);
    if (matrix) strip.density = { ...matrix, rows: matrix.rows / 2, data: matrix.data.subarray(matrix.data.length / 2),
      exact: true };
    if (matrix && !Number.isFinite(matrix.from)) strip.density.from = from;
  }
  strip.spikes = spikes;
  strip.kind = strip.density ? "overview" : "exact";
  drawSpikes(strip);
  set({ tiles: (state.tiles ?? 0) + 1 });
}

function drawSpikes(strip) {
  const context = fit(strip.canvas, plotWidth, strip.height);
  if (strip.density) {
    const tile = strip.density;
    context.imageSmoothingEnabled = false;
    const left = time.x(tile.from, plotWidth), right = time.x(tile.from + tile.rows * tile.block[0], plotWidth);
    context.drawImage(paint(tile, { ...scaleOf(0, 1) }, 0, tile.rows, right - left, strip.height), left, 0, right - left,
      strip.height);
  } else if (strip.spikes) {
    const { tick, neuron } = strip.spikes, cell = plotWidth / (state.to - state.from), row = strip.height / strip.neurons;
    const width = Math.min(Math.max(1, cell * 0.55), 7), tall = Math.max(1.2, Math.min(row * 0.8, 14));
    context.fillStyle = theme("spike");
    for (let i = 0; i < tick.length; ++i) {
      context.fillRect(time.x(tick[i] + 0.5, plotWidth) - width / 2, (neuron[i] + 0.5) * row - tall / 2, width, tall);
    }
  }
  markNeuron(strip, context);
}

// ---- Presentations and stimuli ----

function drawPresentations(strip, context) {
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.font = "11px system-ui, sans-serif";
  const { presentations, more } = time.known, inside = presentations.filter((p) => p.end > state.from && p.first < state.to);
  if (more || inside.length * 4 > plotWidth) {
    context.fillStyle = theme("ink-soft");
    const count = more ? "more presentations than fit"
      : `${inside.length} presentations, epochs ${inside[0].epoch} to ${inside.at(-1).epoch}`;
    return void context.fillText(`${count}: zoom in to see them`, 6, strip.height / 2);
  }
  for (const p of inside) {
    const left = time.x(p.first, plotWidth), right = time.x(p.end, plotWidth), teacher = time.x(p.teacher, plotWidth);
    context.fillStyle = theme("phase");
    context.fillRect(left + 0.5, 3, Math.max(1, right - left - 1), strip.height - 6);
    context.fillStyle = theme("phase-teacher");
    context.fillRect(Math.max(left, teacher), 3, Math.max(0.5, right - Math.max(left, teacher) - 0.5), strip.height - 6);
    const texts = [`sample ${p.sample}${p.label === null ? "" : ` · label ${p.label}`}`, p.label === null ? "" : `${p.label}`];
    const begin = Math.max(left, 0) + 5, room = Math.min(right, plotWidth) - begin - 3;
    const text = texts.find((t) => context.measureText(t).width < room);
    context.fillStyle = theme("ink");
    if (text) context.fillText(text, begin, strip.height / 2 + 0.5);
  }
}

function drawStimuli(strip, context) {
  context.fillStyle = line(stimulated().indexOf(strip.name));
  for (const s of time.known.stimuli) {
    if (s.population !== strip.name) continue;
    const left = time.x(s.on, plotWidth), right = time.x(s.off, plotWidth);
    if (right >= 0 && left <= plotWidth) context.fillRect(left + 0.5, 3, Math.max(1, right - left - 1), strip.height - 6);
  }
}

/** The populations that stimuli hold, as far as is known yet. */
let held = new Set();
const stimulated = () => data.info.populations.filter((p) => p.stimulated || held.has(p.name)).map((p) => p.name);

function eventsCame() {
  const before = held.size;
  for (const s of time.known.stimuli) held.add(s.population);
  if (held.size > before && data.info.populations.some((p) => held.has(p.name) && !p.stimulated)) { build(); loadAll(); }
  for (const strip of strips) if (strip.events) strip.draw();
  drawAxis();
}

// ---- Layout, axis, cursor ----

function layout() {
  if (!area || strips.length === 0) return;
  plotWidth = Math.max(100, area.clientWidth - gutter - bar);
  const wanted = strips.map((s) =>
    (s.events ? s.height : Math.min(96, Math.max(30, s.neurons <= 8 ? 14 * s.neurons + 4 : 22 + 1.1 * s.neurons))));
  const fixed = strips.reduce((sum, s, i) => sum + (s.events ? wanted[i] : 0), 0) + 26 + 5 * strips.length;
  // Each its share of the room; those that would become too low stay as they are, and the others share the rest.
  const least = 28, low = new Set();
  let factor = 1;
  for (let before = -1; before < low.size;) {
    before = low.size;
    const free = wanted.reduce((sum, w, i) => sum + (strips[i].events || low.has(i) ? 0 : w), 0);
    factor = Math.min(2.2, (area.clientHeight - fixed - least * low.size) / Math.max(1, free));
    wanted.forEach((w, i) => { if (!strips[i].events && w * factor < least) low.add(i); });
  }
  strips.forEach((s, i) => {
    s.height = Math.round(s.events ? wanted[i] : Math.max(least, Math.min(wanted[i] * factor, Math.max(wanted[i], s.neurons * 22))));
    s.row.style.height = `${s.height}px`;
  });
  drawAll();
  loadAll();
}

function drawAll() {
  if (strips.length === 0) return;
  for (const strip of strips) strip.draw();
  drawAxis();
  moveCursor();
}

let loading = Promise.resolve();
const loadAll = () => { loading = Promise.all(strips.map((strip) => strip.load())); };
/** When all strips have what they asked for. */
export const settled = () => loading;

function drawAxis() {
  const context = fit(axis, plotWidth, 20);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  const cell = plotWidth / (state.to - state.from);
  for (const tick of time.marks(state.from, state.to, plotWidth / 70)) {
    const at = time.x(tick + (cell > 8 ? 0.5 : 0), plotWidth);
    context.fillStyle = theme("line-strong");
    context.fillRect(Math.round(at), 15, 1, 5);
    context.fillStyle = theme("ink-soft");
    context.textAlign = at < 14 ? "left" : at > plotWidth - 20 ? "right" : "center";
    context.fillText(tick.toLocaleString("en").replace(/,/g, "\u202f"), at, 8);
  }
}

function moveCursor() {
  const left = time.x(state.tick, plotWidth), cell = plotWidth / (state.to - state.from);
  cursor.hidden = left < 0 || left >= plotWidth;
  cursor.style.transform = `translateX(${gutter + left}px)`;
  cursor.style.width = `${Math.max(1.5, cell)}px`;
  cursor.classList.toggle("thin", cell < 5);
  area.setAttribute("aria-valuenow", state.tick);
  area.setAttribute("aria-valuetext", time.when(state.tick));
  area.setAttribute("aria-valuemin", data.info.first);
  area.setAttribute("aria-valuemax", data.info.last - 1);
}

// ---- The mouse: drag moves the cursor, with shift the window; the wheel zooms ----

const inPlot = (event) => event.clientX - area.getBoundingClientRect().left - gutter;

function under(event) {
  const canvas = event.target.closest?.(".strip")?.querySelector("canvas");
  const strip = strips.find((s) => s.canvas === canvas);
  if (!strip || strip.events) return strip ? { strip } : null;
  const row = Math.floor(((event.clientY - canvas.getBoundingClientRect().top) / strip.height) * strip.neurons);
  const column = Math.min(strip.neurons - 1, Math.max(0, row));
  return { strip, column, neuron: strip.variable?.recorded ? strip.variable.recorded[column] : column };
}

function press(event) {
  if (event.button !== 0 || event.target.closest("button, select")) return;
  const px = inPlot(event);
  if (px < 0 || px > plotWidth) return;
  area.focus({ preventScroll: true });
  event.preventDefault();
  const start = { px, from: state.from, length: state.to - state.from, pan: event.shiftKey };
  const at = under(event);
  if (at?.neuron !== undefined) set({ population: at.strip.name, neuron: at.neuron });
  const move = (e) => {
    if (start.pan) time.show(start.from - ((inPlot(e) - start.px) / plotWidth) * start.length, start.length);
    else time.go(time.tickAt(Math.min(plotWidth - 0.01, Math.max(0, inPlot(e))), plotWidth));
  };
  move(event);
  area.setPointerCapture(event.pointerId);
  area.addEventListener("pointermove", move);
  area.addEventListener("pointerup", () => area.removeEventListener("pointermove", move), { once: true });
}

function hover(event) {
  const px = inPlot(event), at = px >= 0 && px <= plotWidth ? under(event) : null;
  if (!at) return void set({ hover: null });
  const tick = time.tickAt(px, plotWidth);
  if (at.strip.events) {
    const p = time.presentation(tick);
    const held = time.known.stimuli.filter((s) => s.on <= tick && tick < s.off).map((s) => s.population);
    return void set({ hover: `${time.when(tick)}: ${p ? describe(p) : "no presentation"}${held.length ? `; held by stimuli: ${held.join(", ")}` : ""}` });
  }
  const where = data.place(at.strip.name, at.neuron);
  if (!at.strip.variable) {
    const hit = at.strip.spikes?.tick.some((t, i) => t === tick && at.strip.spikes.neuron[i] === at.neuron);
    return void set({ hover: `${at.strip.name}${where}, ${time.when(tick)}: ${hit ? "spike" : "no spike"}` });
  }
  const { tile, variable } = at.strip, name = `${variable.name}${where}`;
  if (!tile) return;
  if (tile.exact) {
    const value = tile.data[(tick - tile.from) * tile.columns + at.column];
    return void set({ hover: `${name}, ${time.when(tick)}: ${exact(value)}` });
  }
  const frame = Math.floor((tick - tile.from) / tile.block[0]), block = Math.floor(at.column / tile.block[1]),
    i = frame * tile.columns + block;
  set({ hover: `${variable.name}, block of ${tile.block[0]} ticks × ${tile.block[1]} neurons around ${where}, ${time.when(tick)}: ${short(tile.data[i])} … ${short(tile.data[tile.rows * tile.columns + i])}` });
}

export const describe = (p) => `presentation ${p.number}, epoch ${p.epoch}, sample ${p.sample}${p.label === null ? "" : `, label ${p.label}`}`;

function wheel(event) {
  const px = inPlot(event);
  if (px < 0 || px > plotWidth) return void (list.scrollTop += event.deltaY);
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    const length = state.to - state.from, by = ((event.deltaX || event.deltaY) / plotWidth) * length;
    return time.show(state.from + (Math.abs(by) < 1 ? Math.sign(by) : by), length);
  }
  time.zoom(event.deltaY > 0 ? 1.25 : 0.8, state.from + (px / plotWidth) * (state.to - state.from));
}

export const zoomButtons = () => h("span", { class: "group" },
  button("−", "zoom out (key −)", () => time.zoom(2)), button("+", "zoom in (key +)", () => time.zoom(0.5)),
  button("this presentation", "the window shows this presentation (key f)", time.fitPresentation),
  button("whole run", "the window shows all that was recorded (key 0)", time.whole));

/** Where a neuron of a strip is on the screen at a tick, for tests. */
export function point(name, neuron, tick) {
  const strip = strips.find((s) => s.name === name && !s.events), rect = strip.canvas.getBoundingClientRect();
  return [rect.left + time.x(tick + 0.5, plotWidth), rect.top + ((neuron + 0.5) * strip.height) / (strip.neurons ?? 1)];
}
