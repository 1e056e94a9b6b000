// Lines of values over ticks: the pinned variables under the strips, and the chart that other panels use too (uPlot).
import uPlot from "uplot";
import { line } from "./colours.js";
import * as data from "./data.js";
import { button, exact, grouped, h, short, theme } from "./dom.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import { geometry } from "./strips.js";
import * as time from "./timeline.js";

/** A chart of series over ticks; a click moves the cursor, which is drawn as a line. */
export function chart(parent, { width, height, series, x, range = null, left = 56, right = 12, stepped = false, yRange = null,
  points = false, bare = false, cursor = true }) {
  const axis = { stroke: theme("ink-soft"), grid: { stroke: theme("line"), width: 1 }, ticks: { show: false },
    font: "11px system-ui, sans-serif" };
  const plot = new uPlot({
    width, height, padding: [6, right, 0, 0], legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { time: false, ...(range ? { range: () => range() } : {}) }, ...(yRange ? { y: { range: yRange } } : {}) },
    axes: [{ ...axis, size: bare ? 4 : 22, gap: 2, space: 70,
      values: (u, ticks) => ticks.map((t) => (Number.isInteger(t) && !bare ? grouped(t) : "")) },
      { ...axis, size: left, gap: 3, space: 18, values: (u, values) => values.map((v) => short(v, 3)) }],
    series: [{}, ...series.map((s, i) =>
      ({ label: s.label, stroke: line(s.colour ?? i), width: 1.6, dash: s.dash, spanGaps: false,
      points: { show: points, size: 4 }, paths: stepped ? uPlot.paths.stepped({ align: 1 }) : undefined }))],
    hooks: { draw: [(u) => {
      if (!cursor) return;
      const at = u.valToPos(state.tick + (stepped ? 0.5 : 0), "x", true);
      if (at < u.bbox.left || at > u.bbox.left + u.bbox.width) return;
      u.ctx.save();
      u.ctx.fillStyle = theme("accent");
      u.ctx.fillRect(at - 0.75, u.bbox.top, 1.5, u.bbox.height);
      u.ctx.restore();
    }] },
  }, [x, ...series.map((s) => s.values)], parent);
  if (cursor) plot.over.addEventListener("pointerdown", (event) => {
    const move = (e) => time.go(Math.floor(plot.posToVal(e.clientX - plot.over.getBoundingClientRect().left, "x")));
    move(event);
    plot.over.setPointerCapture(event.pointerId);
    plot.over.addEventListener("pointermove", move);
    plot.over.addEventListener("pointerup", () => plot.over.removeEventListener("pointermove", move), { once: true });
  });
  return plot;
}

let area, charts = [];

export function create() {
  area = h("div", { class: "pins", hidden: true });
  on(["pins"], build);
  on(["from", "to", "lane", "version"], () => { for (const c of charts) c.load(); });
  on(["tick"], () => { for (const c of charts) { c.plot?.redraw(false, false); c.label(); } });
  on(["theme"], () => { for (const c of charts) c.draw(); });
  new ResizeObserver(() => { for (const c of charts) c.draw(); }).observe(area);
  return area;
}

export const pinned = () => charts.map((c) =>
  ({ variable: c.variable.name, names: c.pins.map((p) => p.name), values: c.pins.map((p) => c.at(p)), step: c.step }));

export function pin(name) {
  if (!data.parse(name)) return void set({ notice: `${name} was not recorded` });
  if (!state.pins.includes(name)) set({ pins: [...state.pins, name] });
}
export const unpin = (name) => set({ pins: state.pins.filter((p) => p !== name) });

/** A chart for each variable, with a line for each of its pinned neurons. */
export function build() {
  const groups = new Map();
  for (const name of state.pins) {
    const place = data.parse(name);
    if (place) groups.set(place.variable.name, [...(groups.get(place.variable.name) ?? []), { name, ...place }]);
  }
  for (const c of charts) c.plot?.destroy();
  charts = [...groups.values()].map(make);
  area.hidden = charts.length === 0;
  area.replaceChildren(...charts.map((c) => c.element));
  for (const c of charts) c.load();
}

function make(pins) {
  const variable = pins[0].variable, unit = variable.unit && variable.unit !== "1" ? ` (${variable.unit})` : "";
  const c = { variable, pins, step: 1, matrix: null };
  const legend = h("div", { class: "legend" }), plot = h("div");
  c.element = h("div", { class: "pin", "data-variable": variable.name }, legend, plot);
  c.at = (p) => data.frame(variable.name, state.tick)?.[p.column]
    ?? (c.matrix && state.tick >= c.matrix.from && state.tick < c.matrix.from + c.matrix.rows * c.step
    ? c.matrix.data[Math.floor((state.tick - c.matrix.from) / c.step) * pins.length + pins.indexOf(p)] : null);
  c.label = () => legend.replaceChildren(
    ...pins.map((p, i) => h("span", { class: "pin-name", title: `${variable.description}${unit}` },
      h("i", { class: `swatch line-${i % 6}` }), p.name, " = ",
      h("b", { "data-pin": p.name, "data-value": String(c.at(p)) }, exact(c.at(p))),
        button("✕", `unpin ${p.name}`, () => unpin(p.name), { class: "plain" }))),
    c.step > 1 ? h("span", { class: "soft" }, `every ${c.step}th tick: zoom in for all`) : "");
  c.load = latest(async () => {
    const { from, to, lane } = state;
    c.step = Math.max(1, Math.ceil((to - from) / 4000));
    c.matrix = await source.values({ variable: variable.name, from, to, columns: pins.map((p) => p.column).join(","),
      step: c.step, lane });
    c.matrix.from = from;
    c.draw();
  }, (error) => set({ failure: error.message }));
  c.draw = () => {
    c.plot?.destroy();
    c.plot = null;
    const { gutter, bar, width } = geometry();
    if (!c.matrix || width < 50) return;
    const { data: numbers, rows, from } = c.matrix;
    // A last point at the window's end draws the last tick's value as long as the others.
    const x = Array.from({ length: rows + 1 }, (_, i) => from + i * c.step);
    const series = pins.map((p, i) => ({ label: p.name, values: Array.from({ length: rows + 1 }, (_, row) => {
      const value = numbers[Math.min(row, rows - 1) * pins.length + i];
      return Number.isFinite(value) ? value : null;
    }) }));
    c.plot = chart(plot, { width: gutter + width + bar, height: 78, bare: true, series, x, range: () => [state.from, state.to],
      left: gutter, right: bar, stepped: true });
    c.label();
  };
  c.label();
  return c;
}
