// Ticks and pixels: the window, how it moves, the axis, presentations and stimuli within it.
import { info, spikeGroups } from "./data.js";
import { grouped } from "./dom.js";
import { latest, source } from "./source.js";
import { set, state, touch } from "./state.js";

export const x = (tick, width) => ((tick - state.from) / (state.to - state.from)) * width;
export const tickAt = (px, width) => clampTick(Math.floor(state.from + (px / width) * (state.to - state.from)));
export const clampTick = (tick) => Math.min(info.last - 1, Math.max(info.first, tick));

/** Moves the cursor; the window follows if the cursor would leave it. */
export function go(tick) {
  if (typeof tick !== "number" || Number.isNaN(tick)) return;
  tick = clampTick(Math.round(tick));
  set({ tick, follow: tick === info.last - 1 });
  const length = state.to - state.from;
  if (tick < state.from) show(tick - Math.floor(length / 4), length);
  else if (tick >= state.to) show(tick - Math.floor((3 * length) / 4), length);
}

/** Shows `length` ticks from `from` on, as far as there are any. */
export function show(from, length) {
  const all = info.mode === "live" ? Math.max(48, info.last - info.first) : info.last - info.first;
    // a circuit that begins has room
  length = Math.round(Math.min(all, Math.max(Math.min(4, all), length)));
  from = Math.round(Math.max(info.first, Math.min(info.last - length, from)));
  set({ from, to: from + length });
}

/** Zooms about a tick: factor < 1 shows less. */
export function zoom(factor, about = state.tick) {
  const length = state.to - state.from, next = Math.max(4, factor < 1 ? Math.floor(length * factor) : Math.ceil(length * factor));
  show(about - ((about - state.from) / length) * next, next);
}

export const whole = () => show(info.first, info.last - info.first);

/** The presentation that a tick belongs to, if it is known. */
export const presentation = (tick) => known.presentations.findLast((p) => p.first <= tick && tick < p.end) ?? null;

export const known = { presentations: [], stimuli: [], more: false, from: 0, to: 0 };

export const loadEvents = latest(async () => {
  const length = state.to - state.from, from = Math.max(info.first, state.from - length), to = state.to + length;
  const query = { from, to, lane: state.lane };
  const [presentations, stimuli] = await Promise.all([source.presentations({ ...query, most: 2000 }),
    source.stimuli({ ...query, most: 5000 })]);
  Object.assign(known, { presentations: presentations.rows, stimuli, more: presentations.more, from, to });
  touch("events");
}, (error) => set({ failure: error.message }));

export async function fitPresentation() {
  let at = presentation(state.tick);
  if (!at) {
    const { rows } = await source.presentations({ from: state.tick, to: state.tick + 1, lane: state.lane, most: 1 });
    at = rows[0];
  }
  if (at) show(at.first, at.end - at.first);
}

const next = latest(async ({ what, direction }) => {
  const population = what === "change" || (what === "spike" && spikeGroups(state.population).length > 0) ? state.population
    : null;
  const answer = await source.next({ tick: state.tick, direction, what, lane: state.lane, population });
  if (answer.tick !== null) go(answer.tick);
  else set({ notice: `no ${direction > 0 ? "later" : "earlier"} ${words[what]} was recorded${population ? ` of ${population}` : ""}` });
}, (error) => set({ failure: error.message }));
const words = { tick: "tick", change: "change", spike: "spike", weight: "weight update", presentation: "presentation" };

/** The next tick, change, spike, weight update or presentation. */
export function seek(what, direction) {
  if (what === "tick") go(state.tick + direction * info.every);
  else next({ what, direction });
}

/** Round numbers between `from` and `to`, at most `most`. */
export function marks(from, to, most) {
  const rough = Math.max(1, (to - from) / Math.max(1, most)), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= rough);
  const list = [];
  for (let t = Math.ceil(from / step) * step; t < to; t += step) list.push(t);
  return list;
}

/** "tick 12", with its time if the netlist says how long a tick is. */
export const when = (tick) => `tick ${grouped(tick)}${info.dt ? ` · ${Number((tick * info.dt).toPrecision(9))} ms` : ""}`;
