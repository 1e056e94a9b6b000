// Puts the page together.
import "uplot/dist/uPlot.min.css";
import "./style.css";
import * as aboutPanel from "./about.js";
import * as circuit from "./circuit.js";
import * as colours from "./colours.js";
import * as curves from "./curves.js";
import * as data from "./data.js";
import * as diff from "./diff.js";
import { button, h } from "./dom.js";
import * as image from "./image.js";
import * as keys from "./keys.js";
import * as lines from "./lines.js";
import * as live from "./live.js";
import * as minimap from "./minimap.js";
import * as neuron from "./neuron.js";
import * as search from "./search.js";
import { source } from "./source.js";
import { on, read, set, state, touch } from "./state.js";
import * as strips from "./strips.js";
import * as time from "./timeline.js";
import * as weights from "./weights.js";
import * as why from "./why.js";

// ---- Light and dark: as the system is, until the user says otherwise ----

const preference = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;
try { chosen = localStorage.getItem("locus-theme"); } catch { /* a page from a file may have no storage */ }

function applyTheme() {
  const dark = chosen ? chosen === "dark" : preference.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  colours.setDark(dark);
  touch("theme");
}
function toggleTheme() {
  chosen = colours.dark ? "light" : "dark";
  try { localStorage.setItem("locus-theme", chosen); } catch { /* as above */ }
  applyTheme();
}
preference.addEventListener("change", applyTheme);

// ---- The parts of the page ----

function cursorButtons() {
  const go = (text, title, what, direction) => button(text, title, () => time.seek(what, direction));
  return h("span", { class: "cursor-tools" }, h("span", { class: "group", role: "toolbar", "aria-label": "cursor" },
    go("◂", "one tick back (←)", "tick", -1), go("▸", "one tick on (→)", "tick", 1)),
    h("span", { class: "soft" }, "next"), h("span", { class: "group" }, go("change", "next change (shift →)", "change", 1),
      go("spike", "next spike (s)", "spike", 1),
      go("weight update", "next weight update (w)", "weight", 1),
        go("presentation", "next presentation (p)", "presentation", 1)));
}

function header() {
  const { info } = data, readout = h("output", { class: "readout", "aria-live": "off" });
  const describe = () => {
    const p = time.presentation(state.tick);
    readout.replaceChildren(h("b", {}, time.when(state.tick)),
      h("span", { class: "soft" }, p ? ` ${strips.describe(p)}${state.tick >= p.teacher ? ", with the teacher" : ""}` : ""),
      info.window && (state.tick < info.window[0] || state.tick >= info.window[1])
        ? h("span", { class: "failure" }, ` this file has exact values of ticks ${info.window[0]} to ${info.window[1] - 1}`) : "");
  };
  on(["tick", "events"], describe);
  const lane = info.lanes > 1 && info.mode !== "export" ? h("label", { title: "lane: one sample of the mini-batch" }, "lane ",
    h("input", { type: "number", min: "0", max: String(info.lanes - 1), value: String(state.lane),
    onchange: (e) => set({ lane: Math.min(info.lanes - 1, Math.max(0, Math.round(Number(e.target.value)))) }) })) : "";
  const mode = { trace: "trace", live: "live", export: "exported" }[info.mode];
  return h("header", {}, h("span", { class: "brand" }, "Locus"),
    h("b", { class: "file", title: info.files?.join("\n") }, info.name), h("span", { class: `badge ${info.mode}` }, mode),
    info.complete === false && !data.live() ? h("span", { class: "badge warn", title: info.ended ?? "the run was killed" },
      "not complete") : "", search.create(), readout, lane,
    button("◐", "light or dark (t)", toggleTheme, { class: "plain icon" }),
      button("?", "help: keys and words (?)", keys.help, { class: "plain icon" }));
}

const tabs = [["neuron", "Neuron", neuron], ["images", "Images", image], ["weights", "Weights", weights], ["run", "Run", curves],
  ["why", "Why", why], ["diff", "Difference", diff], ["about", "About", aboutPanel]];

function panels() {
  const all = [...(data.live() ? [["live", "Live", { create: live.createPanel }]] : []),
    ...tabs.filter(([key]) => key !== "diff" || data.info.files?.length > 1)];
  if (!image.any()) all.splice(all.findIndex(([key]) => key === "images"), 1);
  if (!all.some(([key]) => key === state.panel)) state.panel = all[0][0];
  const bodies = new Map(all.map(([key, , module]) => [key, module.create()]));
  for (const [key, body] of bodies) { body.id = `panel-${key}`; body.setAttribute("role", "tabpanel"); }
  if (bodies.has("about")) aboutPanel.fill(bodies.get("about"));
  const strip = h("div", { class: "tabs", role: "tablist" },
    all.map(([key, text]) => h("button", { type: "button", role: "tab", id: `tab-${key}`, "aria-controls": `panel-${key}`,
    onclick: () => set({ panel: key }) }, text)));
  const choose = () => {
    if (!bodies.has(state.panel)) return void set({ panel: all[0][0] });
    for (const [key, body] of bodies) {
      body.hidden = key !== state.panel;
      strip.querySelector(`#tab-${key}`).setAttribute("aria-selected", String(key === state.panel));
    }
  };
  on(["panel"], choose);
  choose();
  return h("section", { class: "panels" }, strip, ...bodies.values());
}

function footer() {
  const hover = h("output", { class: "hover" }), message = h("span", { class: "message", role: "status" });
  on(["hover"], () => { hover.textContent = state.hover ?? ""; });
  let timer;
  const say = (key, cls) => on([key], () => {
    if (!state[key]) return;
    message.textContent = state[key];
    message.className = `message ${cls}`;
    clearTimeout(timer);
    timer = setTimeout(() => { message.textContent = ""; set({ [key]: null }); }, 8000);
  });
  say("failure", "failure");
  say("notice", "");
  return h("footer", {}, hover, message);
}

/** Of what an address asks for, what this run has. */
function possible(asked) {
  if (!(asked.lane >= 0 && asked.lane < data.info.lanes)) delete asked.lane;
  if (!data.population(asked.population)) { delete asked.population; delete asked.neuron; }
  if (asked.neuron >= data.population(asked.population)?.size) asked.neuron = null;
  if (asked.projection && !data.projection(asked.projection)) delete asked.projection;
  if (!(asked.to > asked.from)) { delete asked.from; delete asked.to; }
  return asked;
}

async function begin() {
  applyTheme();
  const wait = setTimeout(() => document.body.append(h("p", { class: "loading" }, "Opening…")), 300);
  const lost = h("div", { class: "lost", role: "alert", hidden: true },
    "The connection to Locus is lost: it has ended, or the network has. Trying again…");
  source.lost = () => { lost.hidden = false; };
  source.found = () => { lost.hidden = true; };
  document.body.append(lost);
  try {
    await data.load();
  } catch (error) {
    clearTimeout(wait);
    document.body.replaceChildren(h("main", { class: "broken" }, h("h1", {}, "Locus cannot show this"),
      h("p", { class: "failure" }, error.message),
      h("p", {}, error.status === 403 ? "Open the address exactly as locus view prints it, with all that follows the #."
        : "Reload the page when this is mended.")));
    return;
  }
  clearTimeout(wait);
  const { info } = data, asked = possible(read());
  document.title = `${info.name} – Locus`;
  const begun = info.mode === "export" && info.window ? info.window : [info.first, info.last];
  const first = data.live() ? null
    : (await source.presentations({ from: begun[0], to: begun[1], lane: asked.lane ?? 0, most: 1 }).catch(() =>
    ({ rows: [] }))).rows[0];
  const window_ = first && first.end - first.first <= 4000 ? [first.first, Math.min(info.last, first.end)]
    : [begun[0], Math.min(begun[1], begun[0] + 400)];
  Object.assign(state, { from: Math.max(info.first, window_[0]), to: Math.max(window_[0] + 1, window_[1]),
    tick: first ? time.clampTick(first.teacher) : begun[0], panel: data.live() ? "live" : "neuron" }, asked);
  state.tick = time.clampTick(state.tick);
  if (asked.tick === undefined && (state.tick < state.from || state.tick >= state.to)) state.tick = time.clampTick(state.from);
  if (data.live()) Object.assign(state, { from: info.first, to: info.first + 48 });
  else if (!(state.to > state.from) || state.from < info.first || state.to > info.last) Object.assign(state,
    { from: info.first, to: Math.min(info.last, info.first + 400) });
  if (!asked.panel && !state.population && !data.live()) state.panel = info.populations.some((p) => p.shape?.length > 1)
    ? "images" : "run";

  const left = h("section", { class: "time", "aria-label": "values over time" },
    h("div", { class: "time-tools" }, data.live() ? live.createControls() : cursorButtons(), strips.zoomButtons()),
    strips.create(), lines.create());
  const right = h("aside", {}, h("div", { class: "circuit-frame" }, circuit.create(),
    button("⤢", "the circuit larger or smaller (c)", keys.enlarge, { class: "plain icon enlarge" })), panels());
  document.body.replaceChildren(lost, header(), minimap.create(), h("main", {}, left, right), footer(), keys.create(toggleTheme));
  weights.build();
  if (image.any()) image.build();
  strips.build();
  circuit.build();
  lines.build();
  minimap.load();
  live.start();
  if (!data.live()) time.go(state.tick); // the window holds the cursor
  touch("version");
  touch("theme");
  set({ ready: true });
  addEventListener("hashchange", () => {
    const { tick, from, to, ...rest } = possible(read());
    set(rest);
    if (from !== undefined) time.show(from, to - from);
    if (tick !== undefined) time.go(tick);
  });
  watch();
}

/** What is shown, for tests and for those who like consoles. Nothing can be changed through it. */
function watch() {
  const view = {
    get info() { return data.info; },
    get state() { return structuredClone(state); },
    get strips() { return strips.stripInfo(); },
    get pins() { return lines.pinned(); },
    get images() { return image.shownImages(); },
    get weights() { return weights.shownWeights(); },
    get live() { return structuredClone(live.shownState()); },
    frame: (name, tick = state.tick) => { const frame = data.frame(name, tick); return frame && [...frame]; },
    scale: (name) => ({ ...data.scale(name) }),
    neuronPoint: circuit.neuronPoint,
    stripPoint: strips.point,
  };
  Object.defineProperty(window, "locusView", { value: Object.freeze(view) });
}

begin();
