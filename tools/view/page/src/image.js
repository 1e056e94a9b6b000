// Populations on a grid as images at the cursor, channel beside channel. Stimulated populations of 16, 64, 784... neurons
// without a grid are drawn as squares too: data sets of small pictures are often given so.
import { dark, drawBar, picture } from "./colours.js";
import * as data from "./data.js";
import { exact, fit, h, theme } from "./dom.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";

let panel, figures = [];

export function create() {
  panel = h("div", { class: "panel-body images" });
  on(["tick", "frames", "scales", "theme", "panel", "tiles", "version"], draw);
  on(["fields"], () => { build(); draw(); });
  return panel;
}

function grid(about) {
  const shape = about.shape ?? [];
  if (shape.length >= 2) return { rows: shape.at(-2), columns: shape.at(-1), channels: about.size / (shape.at(-2) * shape.at(-1)),
    guessed: false };
  const root = Math.sqrt(about.size);
  const inputs = about.stimulated || !data.info.projections.some((p) => p.to === about.name && p.synapse !== "link");
  return inputs && Number.isInteger(root) && root >= 4 ? { rows: root, columns: root, channels: 1, guessed: true } : null;
}

export const any = () => data.info.populations.some((about) => grid(about) && data.coloured(about.name));

export function build() {
  figures = data.info.populations.map((about) =>
    ({ about, grid: grid(about), variable: data.coloured(about.name) })).filter((f) => f.grid && f.variable);
  for (const f of figures) {
    f.canvas = h("canvas", { onpointermove: (e) => hover(f, e), onpointerleave: () => set({ hover: null }),
      onclick: (e) => pick(f, e) });
    f.element = h("figure", { "data-image": f.variable.name }, f.canvas,
      h("figcaption", {}, h("b", {}, f.variable.name),
      ` ${f.grid.rows} × ${f.grid.columns}${f.grid.channels > 1 ? `, ${f.grid.channels} channels` : ""}`,
      f.grid.guessed ? h("span", { class: "soft", title: "The netlist gives this population no shape" }, " drawn as a square")
        : ""));
  }
  panel.replaceChildren(...(figures.length ? figures.map((f) => f.element)
    : [h("p", { class: "soft" }, "No population of this circuit lies on a grid (shape = [28, 28] in the netlist).")]));
}

function draw() {
  if (state.panel !== "images" || !panel.offsetParent) return;
  data.want(figures.map((f) => f.variable.name));
  const room = panel.clientWidth - 24;
  for (const f of figures) {
    const { rows, columns, channels } = f.grid, frame = data.frameNow(f.variable.name), scale = data.scale(f.variable.name);
    const across = Math.max(1, Math.min(channels, Math.floor(room / Math.max(48, columns + 4)))),
      lines = Math.ceil(channels / across);
    const size = Math.max(1, Math.min(figures.length > 1 ? 16 : 24,
      Math.floor((Math.min(room, channels > 1 ? room : 230) - 60) / (across * columns + (across - 1)))));
    Object.assign(f, { size, across });
    const width = across * (columns * size + 4) - 4, height = lines * (rows * size + 4) - 4;
    const key = [scale.low, scale.high, width, height, dark].join(" ");
    if (frame && f.painted?.frame === frame && f.painted.key === key) continue;
    f.painted = { frame, key };
    const context = fit(f.canvas, width + 52, height);
    context.fillStyle = theme("cell");
    context.fillRect(0, 0, width, height);
    drawBar(context, width + 8, 1, 8, Math.min(height - 2, 120), scale, theme("ink-soft"));
    if (!frame) continue;
    context.imageSmoothingEnabled = false;
    const count = rows * columns, all = f.variable.recorded ? new Float64Array(count * channels).fill(NaN) : frame;
    f.variable.recorded?.forEach((neuron, column) => { all[neuron] = frame[column]; });
    for (let channel = 0; channel < channels; ++channel) {
      f.image = picture(columns, rows, all.slice(channel * count, (channel + 1) * count), scale, null, f.image);
      context.drawImage(f.image, (channel % across) * (columns * size + 4), Math.floor(channel / across) * (rows * size + 4),
        columns * size, rows * size);
    }
  }
}

function neuronAt(f, event) {
  const rect = f.canvas.getBoundingClientRect(), { rows, columns, channels } = f.grid;
  const wide = columns * f.size + 4, tall = rows * f.size + 4, px = event.clientX - rect.left, py = event.clientY - rect.top;
  const channel = Math.floor(py / tall) * f.across + Math.floor(px / wide), column = Math.floor((px % wide) / f.size),
    row = Math.floor((py % tall) / f.size);
  return px < f.across * wide && channel < channels && column < columns && row < rows ? (channel * rows + row) * columns + column
    : null;
}

function hover(f, event) {
  const neuron = neuronAt(f, event);
  if (neuron === null) return void set({ hover: null });
  const value = data.value(f.variable.name, data.columnOf(f.variable, neuron));
  set({ hover: `${f.variable.name}${data.place(f.about.name, neuron)}, ${time.when(state.tick)}: ${value === undefined ? "not recorded" : exact(value)}` });
}

function pick(f, event) {
  const neuron = neuronAt(f, event);
  if (neuron !== null) set({ population: f.about.name, neuron });
}

export const shownImages = () => (state.panel === "images"
  ? figures.map((f) => ({ variable: f.variable.name, ...f.grid, values: [...(data.frame(f.variable.name, state.tick) ?? [])] }))
  : []);
