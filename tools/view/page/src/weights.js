// The weights of a projection: a matrix at the cursor, and the size of all over time.
import { drawBar, farthest, picture, scaleOf } from "./colours.js";
import { curves } from "./curves.js";
import * as data from "./data.js";
import { button, exact, fill, fit, grouped, h, theme } from "./dom.js";
import { chart, pin } from "./lines.js";
import { lastChange } from "./neuron.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";
import { ask } from "./why.js";

let panel, choose, canvas, about, actions, history, plot = null, matrix = null, cell = [1, 1], picked = null;

export function create() {
  choose = h("select", { "aria-label": "projection", onchange: () => set({ projection: choose.value }) });
  canvas = h("canvas", { class: "matrix", onpointermove: hover, onpointerleave: () => set({ hover: null }), onclick: pick });
  about = h("span", { class: "soft" });
  actions = h("p", { class: "soft" });
  history = h("div");
  panel = h("div", { class: "panel-body weights" }, h("p", {}, choose, " ", about), canvas, actions, history);
  on(["tick", "projection", "panel", "lane", "version"], () => { if (state.panel === "weights") load(); });
  on(["theme"], () => { draw(); drawHistory(); });
  on(["projection", "panel", "curves"], drawHistory);
  on(["projection"], () => { picked = null; });
  on(["tick"], () => plot?.redraw(false, false));
  return panel;
}

export function build() {
  choose.hidden = data.learned().length === 0;
  fill(choose, ...data.learned().map((p) => h("option", { value: p.name }, p.name)));
  if (!data.learned().some((p) => p.name === state.projection)) set({ projection: data.learned()[0]?.name ?? null });
}

const load = latest(async () => {
  if (!state.projection) return void fill(about, "No weights were recorded (record = [\"theta\"] in the netlist's [trace]).");
  choose.value = state.projection;
  const { projection, tick } = state, found = await source.weights({ projection, tick });
  matrix = { ...found, projection };
  draw();
}, (error) => { matrix = null; fill(about, error.message); });

function draw() {
  if (!matrix || state.panel !== "weights") return;
  const { rows, columns, data: w, projection } = matrix, p = data.projection(projection);
  const most = Math.max(...data.extremes(w).map((v) => (Number.isFinite(v) ? Math.abs(v) : 0))) || 1,
    scale = scaleOf(-most, most);
  const width = panel.clientWidth - 24 - 50, wide = Math.min(width, columns * 28),
    tall = Math.max(rows === 1 ? 22 : 20, Math.min(190, rows * 22,
    (rows * wide) / columns > 190 ? 190 : Math.max((rows * wide) / columns, rows * 4)));
  const context = fit(canvas, wide + 50, tall);
  context.imageSmoothingEnabled = false;
  const [r, c, shown] = farthest([w], rows, columns, tall * devicePixelRatio, wide * devicePixelRatio);
  context.drawImage(picture(c, r, shown, scale), 0, 0, wide, tall);
  drawBar(context, wide + 8, 1, 8, tall - 2, scale, theme("ink-soft"));
  cell = [wide / columns, tall / rows];
  if (picked) {
    context.strokeStyle = theme("accent");
    context.lineWidth = 2;
    context.strokeRect(picked[1] * cell[0] - 1, picked[0] * cell[1] - 1, Math.max(4, cell[0] + 2), Math.max(4, cell[1] + 2));
  }
  fill(about, `${p.from} → ${p.to}; ${rows === 1 && columns !== data.population(p.from).size ? `${grouped(columns)} synapses in a row`
    : `rows: targets (${grouped(rows)}), columns: sources (${grouped(columns)})`}; at ${time.when(matrix.tick)}`);
  showPicked();
}

const name = ([target, from], p = data.projection(matrix.projection)) => p.name + (matrix.rows === 1
  && data.population(p.to).size !== 1 ? `[#${from}]` : data.place(p.to, target) + data.place(p.from, from));
const theta = (at) => name(at).replace(matrix.projection, `${matrix.projection}.theta`);
const weightAt = ([target, from]) => matrix.data[target * matrix.columns + from];

function at(event) {
  const rect = canvas.getBoundingClientRect(), column = Math.floor((event.clientX - rect.left) / cell[0]),
    row = Math.floor((event.clientY - rect.top) / cell[1]);
  return matrix && row >= 0 && row < matrix.rows && column >= 0 && column < matrix.columns ? [row, column] : null;
}

function hover(event) {
  const place = at(event);
  set({ hover: place ? `${theta(place)}, ${time.when(state.tick)}: ${exact(weightAt(place))}` : null });
}

function pick(event) {
  picked = at(event);
  draw();
}

function showPicked() {
  if (!picked || picked[0] >= matrix.rows || picked[1] >= matrix.columns) return void fill(actions,
    "Click a weight to pin it or to ask why it changed.");
  const place = picked, column = place[0] * matrix.columns + place[1];
  fill(actions, h("b", { "data-weight": name(place), "data-value": String(weightAt(place)) },
    `${name(place)} = ${exact(weightAt(place))} `),
    button("pin", "draw it as a line", () => pin(theta(place)), { class: "small" }), " ",
    data.projection(matrix.projection).learns && button("why did it change?", "the chain of messages back to the stimulus",
      async () => ask(`${name(place)}@${await lastChange({ name: name(place), projection: matrix.projection, column })}`), { class: "small" }));
}

async function drawHistory() {
  if (state.panel !== "weights" || !state.projection) return;
  const found = await curves().catch(() => null);
  plot?.destroy();
  plot = null;
  const rms = found?.weights?.find((w) => w.projection === state.projection);
  fill(history);
  if (!rms || rms.tick.length < 2) return;
  history.append(h("h4", { title: "root of the mean square of all weights of this projection" },
    "root mean square over the run"));
  plot = chart(history, { width: panel.clientWidth - 24, height: 110, series: [{ label: "rms", values: rms.rms }], x: rms.tick,
    left: 48 });
}

export const shownWeights = () => (state.panel === "weights" && matrix
  ? { projection: matrix.projection, rows: matrix.rows, columns: matrix.columns, tick: matrix.tick, values: [...matrix.data] }
  : null);
