// The whole run in one strip: a row for each population (the strongest of its neurons), loss, and the window, which can be
// dragged and resized.
import * as colours from "./colours.js";
import * as data from "./data.js";
import { fit, h, theme } from "./dom.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";

let canvas, area, brush, rows = [], range = [0, 1], wide = 0;

export function create() {
  canvas = h("canvas", { "aria-hidden": "true" });
  brush = h("div", { class: "brush" }, h("i", { class: "left" }), h("i", { class: "right" }), h("b"));
  area = h("div", { class: "minimap", title: "the whole run: drag to move the window, its edges to resize it",
    onpointerdown: press }, canvas, brush);
  new ResizeObserver(() => { wide = area.clientWidth; draw(); }).observe(area);
  on(["from", "to", "tick"], moveBrush);
  on(["version"], () => { load(); });
  on(["theme", "scales"], draw);
  on(["lane", "fields"], load);
  return area;
}

const width = () => (wide ||= area.clientWidth); // asking for it anew in each frame would lay out the page each time
const at = (tick) => ((tick - range[0]) / (range[1] - range[0])) * width();
const tickOf = (px) => range[0] + (px / width()) * (range[1] - range[0]);

export const load = latest(async () => {
  range = [data.info.first, Math.max(data.info.first + 1, data.info.last)];
  const names = data.info.populations.map((p) => data.coloured(p.name)?.name).filter(Boolean).slice(0, 24);
  const found = [];
  if (!data.live()) {
    for (const name of names) { // one after the other: the page is usable before the last has come
      const matrix = await source.overview({ variable: name, columns: Math.ceil(width()), rows: 1, lane: state.lane }).catch(() =>
        null);
      if (!matrix || matrix.rows === 0) continue;
      const [low, high] = data.extremes(matrix.data);
      data.widen(name, low, high);
      if (low !== high) found.push({ name, matrix });
      rows = [...found];
      draw();
    }
  }
  rows = found;
  draw();
}, (error) => set({ failure: error.message }));

function draw() {
  if (!canvas || width() === 0) return;
  const tall = area.clientHeight, context = fit(canvas, width(), tall);
  rows.forEach(({ name, matrix }, i) => {
    const blocks = matrix.rows / 2, half = matrix.data.length / 2, halves = [matrix.data.subarray(0, half),
      matrix.data.subarray(half)];
    const image = colours.picture(blocks, 1, colours.farthest(halves, blocks, matrix.columns, blocks, 1)[2],
      data.variable(name).event ? { kind: "ink", low: 0, high: 1 } : data.scale(name));
    context.imageSmoothingEnabled = blocks > width();
    const from = Number.isFinite(matrix.from) ? matrix.from : range[0], left = at(from), height = tall / rows.length;
    context.drawImage(image, left, i * height, at(Math.min(range[1], from + blocks * matrix.block[0])) - left,
      height - (height > 3 ? 1 : 0));
  });
  moveBrush();
}

function moveBrush() {
  range = [data.info.first, Math.max(data.info.first + 1, data.info.last)];
  const left = at(state.from), right = at(state.to);
  brush.style.transform = `translateX(${Math.min(left, width() - 6)}px)`;
  brush.style.width = `${Math.max(6, right - left)}px`;
  brush.lastChild.style.transform = `translateX(${at(state.tick + 0.5) - left - 1}px)`;
}

function press(event) {
  event.preventDefault();
  const px = (e) => e.clientX - area.getBoundingClientRect().left, start = px(event), { from, to } = state;
  const edge = event.target.closest("i")?.className;
  if (!edge && (start < at(from) || start > at(to) + 6)) time.show(tickOf(start) - (to - from) / 2, to - from);
  const begun = state.from;
  const move = (e) => {
    const by = tickOf(px(e)) - tickOf(start);
    if (edge === "left") time.show(Math.min(to - 4, from + by), to - Math.min(to - 4, from + by));
    else if (edge === "right") time.show(from, Math.max(4, to + by - from));
    else time.show(begun + by, to - from);
  };
  area.setPointerCapture(event.pointerId);
  area.addEventListener("pointermove", move);
  area.addEventListener("pointerup", () => {
    area.removeEventListener("pointermove", move);
    if (state.tick < state.from || state.tick >= state.to) set({ tick: time.clampTick(time.presentation(state.from)?.teacher
      ?? state.from) });
  }, { once: true });
}
