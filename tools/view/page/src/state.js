// What is shown: cursor, window of ticks, pins, selection. It is kept in the address, after the token, so that a view can
// be shared; and views hear of what changed, once a frame.

export const state = {
  tick: 0, // the cursor
  from: 0, to: 1, // the window [from, to) of the strips
  lane: 0,
  pins: [], // variables drawn as lines: hidden1.value.x[3]
  population: null, neuron: null, // what is selected
  opened: [], // populations of the circuit that are shown large
  panel: "neuron",
  projection: null, // whose weights are shown
  fields: {}, // population: the field of its strip, where it is not the usual one
  why: null, // the last question
  path: null, // its answer, to be drawn into the circuit
  follow: true, // live: the cursor stays at the newest tick
};

const listeners = [];
let changed = new Set();
let scheduled = false;

export function on(keys, run) { listeners.push({ keys, run }); }

export function set(changes) {
  for (const [key, value] of Object.entries(changes)) {
    if (state[key] === value) continue;
    state[key] = value;
    changed.add(key);
  }
  if (changed.size > 0 && !scheduled) {
    scheduled = true;
    requestAnimationFrame(flush);
  }
}

/** Tells the listeners of `key` although nothing in the state changed: data came, or the theme did. */
export function touch(key) { state[key] ??= 0; set({ [key]: state[key] + 1 }); }

function flush() {
  scheduled = false;
  const now = changed;
  changed = new Set();
  for (const { keys, run } of listeners) if (keys.some((key) => now.has(key))) run(now);
  if (kept.some((key) => now.has(key))) write();
}

const kept = ["tick", "from", "to", "lane", "pins", "population", "neuron", "opened", "panel", "projection", "fields"];

export const fragment = () => new URLSearchParams(location.hash.slice(1));

let timer = null;
function write() {
  clearTimeout(timer); // browsers refuse more than some 100 changes of the address in 30 s
  timer = setTimeout(() => {
    const old = fragment(), next = new URLSearchParams();
    if (old.get("token")) next.set("token", old.get("token"));
    for (const key of ["tick", "from", "to"]) next.set(key, state[key]);
    if (state.lane) next.set("lane", state.lane);
    if (state.pins.length) next.set("pins", state.pins.join(";"));
    if (state.population) next.set("at", `${state.population}[${state.neuron ?? ""}]`);
    if (state.opened.length) next.set("open", state.opened.join(";"));
    next.set("panel", state.panel);
    if (state.projection) next.set("weights", state.projection);
    const fields = Object.entries(state.fields).map(([population, field]) => `${population}:${field}`);
    if (fields.length) next.set("fields", fields.join(";"));
    history.replaceState(null, "", `#${next}`);
  }, 400);
}

/** The state that the address asks for: only what is there. */
export function read() {
  const given = fragment(), asked = {};
  for (const key of ["tick", "from", "to", "lane"]) {
    const number = Number(given.get(key));
    if (given.has(key) && Number.isInteger(number)) asked[key] = number;
  }
  const list = (name) => given.get(name).split(";").filter(Boolean);
  if (given.has("pins")) asked.pins = list("pins");
  if (given.has("open")) asked.opened = list("open");
  const at = /^(.+)\[(\d*)\]$/.exec(given.get("at") ?? "");
  if (at) Object.assign(asked, { population: at[1], neuron: at[2] === "" ? null : Number(at[2]) });
  if (given.has("panel")) asked.panel = given.get("panel");
  if (given.has("weights")) asked.projection = given.get("weights");
  if (given.has("fields")) asked.fields = Object.fromEntries(list("fields").map((entry) => entry.split(":")));
  return asked;
}
