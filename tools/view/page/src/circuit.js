// The circuit: populations as boxes in layers from left to right, their neurons as cells coloured by their values at the
// cursor, projections as arrows. A small circuit, or a population that was opened, shows its neurons one by one, with
// their synapses.
import { css, dark, drawBar, picture, scaleOf } from "./colours.js";
import * as data from "./data.js";
import { button, exact, fit, h, theme } from "./dom.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";

const most = 2000; // neurons that are drawn one by one
const title = 17;
let area, arrows, synapses, boxes = new Map(), weights = new Map();

export function create() {
  arrows = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  arrows.setAttribute("class", "arrows");
  synapses = h("canvas", { class: "synapses", "aria-hidden": "true" });
  area = h("div", { class: "circuit", role: "group", "aria-label": "the circuit, coloured at the cursor" }, arrows, synapses);
  new ResizeObserver(layout).observe(area);
  on(["tick", "frames", "scales", "tiles", "version"], () => { wantFrames(); paint(); loadWeights(); });
  on(["population", "neuron", "path", "panel", "partners"], () => { mark(); drawSynapses(); });
  on(["opened", "fields", "theme", "lane"], () => { build(); wantFrames(); paint(); });
  return area;
}

export const opened = (name) => data.population(name).size <= most && (state.opened.includes(name) || total() <= 60);
const total = () => data.info.populations.reduce((sum, p) => sum + p.size, 0);
const group = (name) => (name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : name);

/** Columns of groups (hidden1 of hidden1.value): the longest way from the first, along arrows that follow the netlist's order. */
function columns() {
  const groups = [...new Set(data.info.populations.map((p) => group(p.name)))], order = new Map(groups.map((g, i) => [g, i]));
  const depth = new Map(groups.map((g) => [g, 0]));
  const forward = data.info.projections.map((p) => [group(p.from), group(p.to)]).filter(([a, b]) => order.get(a) < order.get(b));
  for (const g of groups) for (const [a, b] of forward) if (a === g) depth.set(b, Math.max(depth.get(b), depth.get(a) + 1));
  const list = [];
  for (const g of groups) (list[depth.get(g)] ??= []).push(...data.info.populations.filter((p) => group(p.name) === g));
  return list.filter(Boolean);
}

export function build() {
  for (const { box } of boxes.values()) box.remove();
  boxes.clear();
  for (const about of data.info.populations) {
    const canvas = h("canvas", { onpointermove: (e) => hover(about, e), onpointerleave: () => set({ hover: null }),
      onclick: (e) => pick(about, e) });
    const open = about.size <= most && total() > 60 && about.size > 1
      ? button(state.opened.includes(about.name) ? "⤡" : "⤢", state.opened.includes(about.name) ? `close ${about.name}`
        : `open ${about.name}: its neurons and their synapses`,
        () => toggle(about.name), { class: "plain" }) : null;
    const name = h("button", { type: "button", class: "plain name",
      onclick: () => set({ population: about.name, neuron: null, panel: "neuron" }),
      title: `${about.name}: ${about.size} ${about.size === 1 ? "neuron" : "neurons"}\n${about.title}\n${about.equation ?? ""}` },
        h("bdi", {}, about.name));
    const box = h("div", { class: "box", "data-population": about.name }, h("div", { class: "box-title" }, name, open), canvas);
    area.append(box);
    boxes.set(about.name, { about, box, canvas });
  }
  layout();
}

const toggle = (name) => set({ opened: state.opened.includes(name) ? state.opened.filter((n) => n !== name)
  : [...state.opened, name] });

function layout() {
  if (!area || boxes.size === 0 || area.clientWidth === 0) return;
  const list = columns(), gapX = Math.max(14, Math.min(46, area.clientWidth / (list.length * 4)));
  const width = Math.max(60, (area.clientWidth - 16 - gapX * (list.length - 1)) / list.length);
  const total = Math.max(area.clientWidth, 16 + list.length * width + (list.length - 1) * gapX);
  let tallest = area.clientHeight;
  list.forEach((column, c) => {
    const share = column.map((p) => (state.opened.includes(p.name) ? 5 : 1) * (1 + Math.log10(p.size)));
    const gap = 12, least = 40, room = Math.max(column.length * least, area.clientHeight - 12 - gap * (column.length - 1));
    const sum = share.reduce((a, b) => a + b, 0);
    let y = 6;
    column.forEach((p, i) => {
      const height = Math.max(least, Math.min(state.opened.includes(p.name) || column.length < 3 ? 260 : 170,
        (room * share[i]) / sum));
      Object.assign(boxes.get(p.name), { x: 8 + c * (width + gapX), y, width, height });
      y += height + gap;
    });
    const spare = area.clientHeight - y;
    if (spare > 0) for (const p of column) boxes.get(p.name).y += spare / 2;
    tallest = Math.max(tallest, y);
  });
  for (const b of boxes.values()) {
    Object.assign(b.box.style, { left: `${b.x}px`, top: `${b.y}px`, width: `${b.width}px`, height: `${b.height}px` });
    cells(b);
  }
  arrows.setAttribute("width", total);
  arrows.setAttribute("height", tallest);
  synapses.size = [total, tallest];
  drawArrows();
  paint();
}

/** How a population's neurons are arranged in its box: as its grid, else as a square or in rows that fill the box. */
function cells(b) {
  const { about } = b, width = b.width - 8, height = b.height - title - 6, shape = about.shape ?? [];
  let columns, rows, grid = null;
  if (shape.length >= 2) { // channels side by side, in as many rows as make them largest
    const channels = shape.slice(0, -2).reduce((a, n) => a * n, 1), [tall, wide] = shape.slice(-2);
    const size = (across) => Math.min(width / (across * (wide + 1) - 1),
      height / (Math.ceil(channels / across) * (tall + 1) - 1));
    let across = 1;
    for (let n = 2; n <= channels; ++n) if (size(n) > size(across)) across = n;
    columns = across * (wide + 1) - 1;
    rows = Math.ceil(channels / across) * (tall + 1) - 1;
    grid = { across, wide, tall };
  } else {
    columns = 1;
    while (columns < about.size && (width / columns) > height / Math.ceil(about.size / columns)) ++columns;
    const root = Math.sqrt(about.size);
    if (Number.isInteger(root) && root >= 4 && root <= 64) columns = root;
    rows = Math.ceil(about.size / columns);
  }
  const size = Math.min(width / columns, height / rows, 26);
  Object.assign(b, { columns, rows, size, grid, left: 4 + (width - size * columns) / 2,
    top: title + 2 + (height - size * rows) / 2, image: undefined, places: null });
}

function cellOf(b, neuron) {
  if (!b.grid) return [neuron % b.columns, Math.floor(neuron / b.columns)];
  const { across, wide, tall } = b.grid, plane = wide * tall, channel = Math.floor(neuron / plane);
  return [(channel % across) * (wide + 1) + (neuron % wide), Math.floor(channel / across) * (tall + 1)
    + Math.floor((neuron % plane) / wide)];
}

function neuronOf(b, column, row) {
  if (!b.grid) return row * b.columns + column;
  const { across, wide, tall } = b.grid, x = column % (wide + 1), y = row % (tall + 1);
  return x === wide || y === tall ? Infinity : (Math.floor(row / (tall + 1)) * across
    + Math.floor(column / (wide + 1))) * wide * tall + y * wide + x;
}

const centre = (b, neuron) => {
  const [column, row] = cellOf(b, neuron);
  return [b.x + b.left + (column + 0.5) * b.size, b.y + b.top + (row + 0.5) * b.size];
};

// ---- Colours at the cursor ----

function wantFrames() {
  if (area?.offsetParent) data.want(data.info.populations.map((p) => data.coloured(p.name)?.name).filter(Boolean));
}

function paint() {
  for (const b of boxes.values()) {
    if (!b.size) continue;
    const v = data.coloured(b.about.name), frame = v && data.frameNow(v.name);
    const scale = v && (v.event ? scaleOf(0, 1) : data.scale(v.name)), key = `${scale?.low} ${scale?.high} ${b.size} ${dark}`;
    if (frame && b.painted?.frame === frame && b.painted.key === key) continue;
    b.painted = { frame, key };
    const context = fit(b.canvas, b.width - 2, b.height - 2);
    const round = b.size >= 9 && b.about.size <= most, ring = (neuron) => {
      context.beginPath();
      context.arc(centre(b, neuron)[0] - b.x, centre(b, neuron)[1] - b.y, b.size * 0.42, 0, 7);
    };
    context.strokeStyle = theme("line-strong");
    context.lineWidth = 0.8;
    for (let neuron = 0; round && neuron < b.about.size && !(frame && frame.length === b.about.size); ++neuron) {
      ring(neuron); // empty: not recorded
      context.stroke();
    }
    if (!v && !round) {
      context.fillStyle = theme("ink-soft");
      context.font = "11px system-ui, sans-serif";
      context.fillText("not recorded", 6, title + 14);
    }
    if (!frame) continue;
    if (b.about.size > most || (b.size < 4 && !v.event)) paintMany(context, b, frame, v, scale);
    else {
      for (let column = 0; column < frame.length; ++column) {
        const neuron = v.recorded ? v.recorded[column] : column, [c, r] = cellOf(b, neuron), inset = b.size > 4 ? 0.6 : 0;
        context.fillStyle = !v.event ? css(frame[column], scale) : theme(frame[column] ? "spike" : "cell");
        if (round) { ring(neuron); context.fill(); context.stroke(); }
        else context.fillRect(b.left + c * b.size, b.top + r * b.size, b.size - inset, b.size - inset);
      }
    }
    if (!v.event && b.height > 52 && b.left > 46) drawBar(context, 5, title + 6, 5, Math.min(36, b.height - title - 14), scale,
      theme("ink-soft"));
  }
  mark();
  drawSynapses();
}

/** More neurons than are drawn one by one: as an image, whose pixels' places are found once for each layout. */
function paintMany(context, b, frame, v, scale) {
  b.places ??= Uint32Array.from({ length: frame.length }, (_, column) => {
    const [c, r] = cellOf(b, v.recorded ? v.recorded[column] : column);
    return r * b.columns + c;
  });
  b.image = picture(b.columns, b.rows, frame, scale, b.places, b.image);
  context.imageSmoothingEnabled = b.size < 1;
  context.drawImage(b.image, b.left, b.top, b.size * b.columns, b.size * b.rows);
}

function mark() {
  const path = new Set((state.path?.steps ?? []).map((s) => String(s.entity).replace(/\[.*$/, "")));
  for (const b of boxes.values()) {
    b.box.classList.toggle("selected", state.population === b.about.name);
    b.box.classList.toggle("on-path", path.has(b.about.name));
  }
  for (const arrow of arrows.querySelectorAll("[data-projection]")) {
    const name = arrow.dataset.projection, step = state.panel === "why"
      && state.path?.steps.find((s) => s.projection === name || s.entity?.startsWith(`${name}[`));
    arrow.classList.toggle("on-path", Boolean(step));
    arrow.classList.toggle("not-local", Boolean(step && step.local === false));
    arrow.classList.toggle("chosen", state.panel === "weights" && state.projection === name);
  }
}

// ---- Arrows of projections, lines of synapses ----

function drawArrows() {
  arrows.replaceChildren();
  const make = (tag, attributes, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const head = (id) => make("marker", { id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 8, markerHeight: 8,
    markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" },
    make("path", { d: "M0 0 8 4 0 8z", class: id }));
  arrows.append(make("defs", {}, head("head"), head("head-link")));
  const pairs = new Map();
  for (const p of data.info.projections) {
    const key = `${p.from}>${p.to}`;
    pairs.set(key, [...(pairs.get(key) ?? []), p]);
  }
  for (const list of pairs.values()) {
    const a = boxes.get(list[0].from), b = boxes.get(list[0].to), strong = list.find((p) => p.synapse !== "link") ?? list[0];
    if (!a || !b || a === b) continue;
    const path = make("path", { d: curve(a, b), class: strong.synapse === "link" ? "arrow link"
      : `arrow ${strong.learns ? "learns" : ""}`,
      "marker-end": `url(#${strong.synapse === "link" ? "head-link" : "head"})`, "data-projection": strong.name });
    path.append(make("title", {}, list.map((p) =>
      `${p.name}: ${p.from} → ${p.to}\n${p.synapse === "link" ? "link, without a weight" : p.synapse}, ${p.shape}, ${p.connections} connections, ${p.delay} ${p.delay === 1 ? "tick" : "ticks"} late`).join("\n\n")));
    if (data.learned().includes(strong)) path.addEventListener("click", () => set({ panel: "weights", projection: strong.name }));
    arrows.append(path);
  }
}

function curve(a, b) {
  if (Math.abs(a.x - b.x) < 1) { // one above the other
    const down = a.y < b.y, apart = Math.abs(a.y - b.y) > 1.5 * (a.height + 12), shift = a.width * (down ? 0.4 : 0.6);
    const y1 = down ? a.y + a.height : a.y, y2 = down ? b.y - 1 : b.y + b.height + 1;
    if (!apart) return `M${a.x + shift} ${y1}L${b.x + shift} ${y2}`;
    const side = down ? a.x : a.x + a.width, out = down ? -9 : 9;
    return `M${side} ${a.y + a.height / 2}C${side + 2 * out} ${a.y + a.height / 2} ${side + 2 * out} ${b.y + b.height / 2} ${side} ${b.y + b.height / 2}`;
  }
  const right = a.x < b.x, x1 = right ? a.x + a.width : a.x, x2 = right ? b.x - 1 : b.x + b.width + 1;
  const y1 = a.y + a.height * (right ? 0.42 : 0.62), y2 = b.y + b.height * (right ? 0.42 : 0.62),
    bend = Math.max(14, Math.abs(x2 - x1) * 0.5) * (right ? 1 : -1);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

const loadWeights = latest(async () => {
  if (!area.offsetParent) return;
  for (const p of between()) {
    const kept = weights.get(p.name);
    if (kept && kept.asked === state.tick && kept.version === state.version) continue;
    const matrix = await source.weights({ projection: p.name, tick: state.tick }).catch(() => null);
    if (matrix) weights.set(p.name, { ...matrix, asked: state.tick, version: state.version });
  }
  drawSynapses();
}, (error) => set({ failure: error.message }));

/** Projections between opened populations, few enough to be drawn one synapse at a time. */
const between = () => data.learned().filter((p) => p.matrix && p.connections <= 4000 && opened(p.from) && opened(p.to)
  && p.matrix[0] === data.population(p.to).size && p.matrix[1] === data.population(p.from).size);

function drawSynapses() {
  const empty = state.neuron === null && between().length === 0;
  if (!synapses.size || (empty && synapses.empty)) return;
  synapses.empty = empty;
  const context = fit(synapses, ...synapses.size), drawn = new Set();
  for (const p of between()) {
    const matrix = weights.get(p.name), a = boxes.get(p.from), b = boxes.get(p.to);
    if (!matrix) continue;
    drawn.add(p.name);
    const size = Math.max(...data.extremes(matrix.data).map(Math.abs)) || 1, scale = scaleOf(-size, size);
    for (let t = 0; t < matrix.rows; ++t) {
      for (let s = 0; s < matrix.columns; ++s) {
        const weight = matrix.data[t * matrix.columns + s], strength = Math.abs(weight) / size;
        if (!(strength > 0.15 || matrix.data.length < 200)) continue;
        line(context, centre(a, s), centre(b, t), css(weight < 0 ? -0.75 * size : 0.75 * size, scale), 0.4 + 2.6 * strength,
          matrix.data.length < 200 ? 0.9 : strength);
      }
    }
  }
  for (const arrow of arrows.querySelectorAll("[data-projection]")) arrow.classList.toggle("faint",
    drawn.has(arrow.dataset.projection));
  drawPartners(context);
}

function line(context, [x1, y1], [x2, y2], colour, width, alpha) {
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
  context.globalAlpha = 1;
}

/** The selected neuron, with lines to its partners, the strongest first. */
function drawPartners(context) {
  const b = boxes.get(state.population);
  if (!b || state.neuron === null || state.neuron >= b.about.size) return;
  const here = centre(b, state.neuron), partners = state.partners;
  if (partners && partners.population === state.population && partners.neuron === state.neuron) {
    const all = [...partners.incoming.map((r) => [r, r.from]),
      ...partners.outgoing.map((r) => [r, r.to])].filter(([r]) => r.value === null || r.value !== 0);
    for (const [row, name] of all.slice(0, 160)) {
      const other = boxes.get(name);
      if (other && other !== b) line(context, centre(other, row.neuron), here, theme("accent"), row.weight === null ? 1.4 : 0.8,
        row.weight === null ? 0.8 : 0.35);
    }
  }
  context.strokeStyle = theme("accent");
  context.lineWidth = 2;
  const radius = Math.max(4, b.size * 0.5);
  context.beginPath();
  context.arc(...here, radius, 0, 7);
  context.stroke();
}

// ---- The mouse ----

function at(about, event) {
  const b = boxes.get(about.name), rect = b.canvas.getBoundingClientRect();
  const column = Math.floor((event.clientX - rect.left - b.left) / b.size),
    row = Math.floor((event.clientY - rect.top - b.top) / b.size);
  if (column < 0 || row < 0 || column >= b.columns || row >= b.rows) return null;
  const neuron = neuronOf(b, column, row);
  return neuron < about.size ? neuron : null;
}

function hover(about, event) {
  const neuron = at(about, event);
  if (neuron === null) return void set({ hover: null });
  const v = data.coloured(about.name), column = v ? data.columnOf(v, neuron) : -1;
  const value = column >= 0 ? data.value(v.name, column) : undefined;
  set({ hover: `${about.name}.${v?.field ?? ""}${data.place(about.name, neuron)}, ${time.when(state.tick)}: ${value === undefined ? "not recorded" : exact(value)}` });
}

function pick(about, event) {
  const neuron = at(about, event);
  set(neuron === null ? { population: about.name, neuron: null } : { population: about.name, neuron, panel: "neuron" });
}

/** Where a neuron is on the screen, for tests. */
export function neuronPoint(name, neuron) {
  const rect = area.getBoundingClientRect(), [x, y] = centre(boxes.get(name), neuron);
  return [rect.left + x - area.scrollLeft, rect.top + y - area.scrollTop];
}
