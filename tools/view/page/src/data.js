// What is known of the circuit, and the values near the cursor and in the window, fetched once for all views.
import { scaleOf } from "./colours.js";
import { setPrecision } from "./dom.js";
import { latest, source } from "./source.js";
import { on, set, state, touch } from "./state.js";

export let info = null;
const populations = new Map(), projections = new Map(), variables = new Map();

export async function load() {
  info = await source.info();
  setPrecision(info.precision);
  for (const map of [populations, projections, variables]) map.clear();
  for (const [list, map] of [[info.populations, populations], [info.projections, projections]]) {
    for (const entity of list) {
      map.set(entity.name, entity);
      for (const variable of entity.variables) variables.set(variable.name,
        { ...variable, entity, weights: map === projections });
    }
  }
}

export const population = (name) => populations.get(name);
export const projection = (name) => projections.get(name);
export const variable = (name) => variables.get(name);
export const learned = () => info.projections.filter((p) => p.variables.some((v) => v.field === "theta"));
export const live = () => info.mode === "live";
export const spikeGroups = (name) => info.spikes.filter((s) => s.population === name);

/** The variable that a population's strip and its neurons in the circuit show; null: only its spikes are known. */
export function shown(name) {
  const about = populations.get(name), wanted = state.fields[name];
  if (wanted === "spikes") return null;
  const fields = about.variables.filter((v) => !v.event);
  const usual = ["x", "eps", "v", "V", "u", "activity", "rate"];
  return about.variables.find((v) => v.field === wanted) ?? (spikeGroups(name).length > 0 && wanted === undefined ? null
    : usual.map((field) => fields.find((v) => v.field === field)).find(Boolean) ?? fields[0] ?? null);
}

/** What colours a population's neurons in the circuit. */
export const coloured = (name) => shown(name) ?? populations.get(name).variables.find((v) => v.event)
  ?? populations.get(name).variables[0] ?? null;

// ---- Names of neurons and synapses ----

/** How many neurons of a variable were recorded. */
export const rows = (about) => (Array.isArray(about.recorded) ? about.recorded.length : about.neurons);

/** The recorded column of a neuron; -1 if it was not recorded. */
export const columnOf = (about, neuron) => (about.recorded ? about.recorded.indexOf(neuron) : neuron);

/** The place of a neuron in its population: [3], or [3,4] on a grid. */
export function place(name, neuron) {
  const shape = populations.get(name)?.shape ?? [];
  if (shape.length < 2) return `[${neuron}]`;
  const at = [];
  for (let axis = shape.length - 1, rest = neuron; axis >= 0; --axis) {
    at.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return `[${at.join(",")}]`;
}

/** { variable, column } of a name such as hidden1.value.x[3], image.x[3,4] or hidden1.forward.theta[2][1]; or null. */
export function parse(name) {
  const parts = /^([^[\]]+)\[([\d,#]+)\](?:\[([\d,]+)\])?$/.exec(name.trim());
  const about = parts && variables.get(parts[1]);
  if (!about) return null;
  if (parts[2].startsWith("#")) return { variable: about, column: Number(parts[2].slice(1)) };
  const flat = (text, shape) => {
    const at = text.split(",").map(Number);
    return at.length === 1 ? at[0] : at.reduce((sum, i, axis) => sum * (shape[axis] ?? 1) + i, 0);
  };
  if (!about.weights) {
    const neuron = flat(parts[2], about.entity.shape ?? []), column = columnOf(about, neuron);
    return neuron < about.entity.size && column >= 0 ? { variable: about, column, neuron } : null;
  }
  const matrix = about.entity.matrix;
  if (!matrix || parts[3] === undefined) return null;
  const target = flat(parts[2], populations.get(about.entity.to)?.shape ?? []);
  const origin = flat(parts[3], populations.get(about.entity.from)?.shape ?? []);
  return target < matrix[0] && origin < matrix[1] ? { variable: about, column: target * matrix[1] + origin } : null;
}

// ---- Scales: one for each variable, from its extremes over the whole run ----

const scales = new Map();
export const hasScale = (name) => scales.has(name);
export const scale = (name) => scales.get(name) ?? scaleOf(0, 1);

export function widen(name, low, high) {
  const old = scales.get(name);
  const next = scaleOf(Math.min(low, old?.seen?.[0] ?? Infinity), Math.max(high, old?.seen?.[1] ?? -Infinity));
  const seen = [Math.min(low, old?.seen?.[0] ?? Infinity), Math.max(high, old?.seen?.[1] ?? -Infinity)];
  scales.set(name, { ...next, seen });
  if (old && (old.low !== next.low || old.high !== next.high)) touch("scales");
}

export function extremes(data) {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    if (value < low && value > -Infinity) low = value;
    if (value > high && value < Infinity) high = value;
  }
  return [low, high];
}

// ---- Frames: all values of a variable at one tick, from windows that the strips hold, or asked for by the tick ----

const windows = new Map(); // variable: { from, rows, columns, data } with a row for each tick
const frames = new Map(); // "variable tick": values, the oldest first
const newest = new Map(); // variable: the frame that came last
let revision = 0, kept = 0; // numbers in frames

export function keepWindow(name, matrix) { windows.set(name, matrix); }

export function forget() {
  windows.clear();
  frames.clear();
  kept = 0;
  ++revision;
}

export function frame(name, tick) {
  const matrix = windows.get(name);
  if (matrix && tick >= matrix.from && tick < matrix.from + matrix.rows) {
    const row = (tick - matrix.from) * matrix.columns;
    return matrix.data.subarray(row, row + matrix.columns);
  }
  return frames.get(`${name} ${tick}`) ?? null;
}

const fetchFrames = latest(async ({ tick, names }) => {
  const now = revision, large = names.filter((name) => rows(variables.get(name)) > 2000);
  const small = names.filter((name) => !large.includes(name));
  const found = await Promise.all([
    ...large.map(async (name) => [[name,
      (await source.values({ variable: name, from: tick, to: tick + 1, lane: state.lane })).data]]),
    small.length > 0 ? source.tick({ tick, variables: small.join(","), lane: state.lane }).then((answer) =>
      Object.entries(answer.values)) : []]);
  if (now !== revision) return;
  for (const [name, values] of found.flat()) {
    frames.set(`${name} ${tick}`, values);
    newest.set(name, values);
    kept += values.length;
    if (!scales.has(name)) widen(name, ...extremes(values));
  }
  for (const [key, values] of frames) { // the oldest go: at most 64 MB stay
    if (kept <= 8e6) break;
    frames.delete(key);
    kept -= values.length;
  }
  touch("frames");
}, (error) => set({ failure: error.message }));

/** The frame at the cursor; while it is on its way, the last one that came, so that nothing flickers while one scrubs. */
export const frameNow = (name) => frame(name, state.tick) ?? newest.get(name) ?? null;

/** Makes sure that the frames of these variables at the cursor are there or on their way; those around it follow. */
export function want(names) {
  const missing = (tick) => names.filter((name) => variables.has(name) && !frame(name, tick));
  const now = missing(state.tick);
  if (now.length > 0) return void fetchFrames({ tick: state.tick, names: now });
  if (live() && state.running) return;
  for (const tick of [state.tick + 1, state.tick - 1, state.tick + 2, state.tick + 3]) {
    if (tick < info.first || tick >= info.last || tick >= info.first + info.every * 1e9) continue;
    const next = missing(tick);
    if (next.length > 0) return void fetchFrames({ tick, names: next });
  }
}

export const value = (name, column, tick = state.tick) => frame(name, tick)?.[column];

on(["lane"], () => {
  forget();
  newest.clear();
});
