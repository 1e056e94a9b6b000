// A running circuit: run, pause, step; perturb, clamp, change parameters; results so far; the audit's verdict.
import * as curves from "./curves.js";
import * as data from "./data.js";
import { button, exact, fill, grouped, h } from "./dom.js";
import { chart } from "./lines.js";
import { latest, source } from "./source.js";
import { on, set, state, touch } from "./state.js";
import * as strips from "./strips.js";
import * as time from "./timeline.js";

let controls, panel, status, results, auditBox, run, speed, parameters, now = null, lastCurves = 0, plot = null,
  shownHolds = "[]";
const speeds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, null]; // ticks per second; null: as fast as it goes

export const toggle = () => { if (data.live()) act(now?.running ? "pause" : "run",
  now?.running ? {} : { speed: speeds[speed.value] }); };
export const shownState = () => now;

export function createControls() {
  run = button("▶ Run", "run or pause (space)", toggle, { class: "primary" });
  const what = h("select", { "aria-label": "step to the next", title: "what to step to" },
    [["change", "change"], ["spike", "spike"], ["weight", "weight update"],
    ["presentation", "presentation"]].map(([value, text]) => h("option", { value }, text)));
  const label = h("output", {});
  const say = () => { label.textContent = speeds[speed.value] ? `${speeds[speed.value]} ticks/s` : "full speed"; };
  speed = h("input", { type: "range", min: "0", max: String(speeds.length - 1), value: "4",
    "aria-label": "speed in ticks per second", title: "speed",
    oninput: say, onchange: () => { if (now?.running) act("run", { speed: speeds[speed.value] }); } });
  say();
  status = h("span", { class: "soft live-status" });
  controls = h("div", { class: "live-controls", role: "toolbar", "aria-label": "run" }, run,
    button("Step", "one tick on", () => act("step", { ticks: 1 })),
    button("Step to", "run up to the next such thing", () => act("step_to", { what: what.value })), what,
      h("label", { class: "speed" }, speed, label), status);
  return controls;
}

export function createPanel() {
  results = h("div");
  auditBox = h("div");
  parameters = h("div");
  panel = h("div", { class: "panel-body live" });
  on(["population", "neuron", "panel"], () => { if (data.live() && state.panel === "live") buildActions(); });
  return panel;
}

export function start() {
  if (!data.live()) return;
  fill(panel, results, h("h4", { title: "is it local, is it autonomous? Measured from what the circuit does (docs/audit.md)" },
    "audit"), auditBox, h("h4", {}, "act on it"), parameters);
  buildActions();
  poll();
  audit();
}

/** Does something to the circuit; the answer is its state. */
async function act(path, body) {
  try {
    const answer = await source.post(path, body);
    if (path.startsWith("step")) set({ follow: true });
    show(answer.state ?? answer, !["run", "pause"].includes(path) && !path.startsWith("step"));
    if (answer.restarted || answer.rebuilt) set({ notice: answer.restarted ? "the circuit was built anew and starts again"
      : "the circuit was built anew; its weights are kept" });
    if (["parameter", "clamp", "perturb"].includes(path)) audit(path === "parameter");
    return true;
  } catch (error) { set({ failure: error.message }); }
  return false;
}

async function poll() {
  for (;;) {
    try { show(await source.state()); } catch (error) { set({ failure: error.message }); }
    await strips.settled(); // a slow connection gets fewer pictures, not a queue of them
    await new Promise((done) => setTimeout(done, now?.running ? 40 : 300));
  }
}

function show(next, changed = false) {
  const moved = !now || now.tick !== next.tick || now.first !== next.first, before = now?.tick ?? 0;
  now = next;
  set({ running: next.running, live: next });
  run.textContent = next.running ? "❚❚ Pause" : "▶ Run";
  run.disabled = next.done && !next.running;
  status.textContent = next.done ? "done" : ""; // all epochs are over
  const holds = JSON.stringify(next.held ?? []);
  if (holds !== shownHolds) { shownHolds = holds; buildActions(); }
  if (!moved && !changed) return;
  if (changed || next.tick < before) data.forget(); // what is past changes only if the circuit was changed or starts again
  data.info.first = next.first ?? data.info.first;
  data.info.last = Math.max(data.info.first + 1, next.last ?? next.tick);
  if (state.follow) {
    const length = state.to - state.from, from = Math.max(data.info.first, data.info.last - length);
    set({ tick: data.info.last - 1, from, to: from + length });
  } else if (state.from < data.info.first) time.show(state.from, state.to - state.from);
  if (!state.follow && state.tick < data.info.first) time.go(data.info.first);
  touch("version");
  drawResults();
}

function drawResults() {
  const r = now.results, last = (list) => (list?.length ? list.at(-1) : null);
  if (performance.now() - lastCurves > 700) { lastCurves = performance.now(); curves.stale(); }
  if (!r?.epoch?.length) return void fill(results, h("p", { class: "soft" }, "No epoch is over yet: press Run, or space."));
  const loss = last(r.train_loss), accuracy = last(r.test_accuracy);
  const text = h("p", {}, "After epoch ", h("b", { "data-epoch": String(last(r.epoch)) }, String(last(r.epoch))),
    loss !== null && [": loss ", h("b", { "data-loss": String(loss) }, exact(loss))], accuracy !== null
      && [", accuracy on the test set ", h("b", { "data-accuracy": String(accuracy) }, `${(100 * accuracy).toFixed(1)} %`)]);
  if (results.epochs === r.epoch.length && plot) return;
  results.epochs = r.epoch.length;
  plot?.destroy();
  plot = null;
  const curve = h("div");
  fill(results, text, curve);
  if (loss !== null && r.epoch.length > 1 && panel.clientWidth > 0) plot = chart(curve,
    { width: panel.clientWidth - 24, height: 96, x: r.epoch, series: [{ label: "loss", values: r.train_loss }], left: 48,
    cursor: false });
}

/** Perturb and clamp what is selected; edit its parameters. */
function buildActions() {
  const about = data.population(state.population);
  if (!about) return void fill(parameters, h("p", { class: "soft" },
    "Select a population or a neuron in the circuit to perturb it, to hold it at a value, or to change its parameters."),
    editors());
  const neuron = state.neuron ?? 0, value = h("input", { type: "number", step: "any", value: "1", "aria-label": "value" });
  const field = h("select", { "aria-label": "variable" },
    about.variables.map((v) => h("option", { value: v.name, selected: v.name === data.shown(about.name)?.name }, v.field)));
  const held = now?.held?.filter((entry) => entry.population === about.name) ?? [];
  const clamp = () => {
    const frame = data.frame(data.shown(about.name)?.name, state.tick) ?? new Array(about.size).fill(0);
    const values = Array.from({ length: about.size }, (_, i) =>
      (state.neuron === null || i === neuron ? Number(value.value) : frame[i] ?? 0));
    act("clamp", { population: about.name, values });
  };
  fill(parameters, 
    h("p", {}, h("b", {}, `${about.name}${state.neuron === null ? "" : data.place(about.name, neuron)}`), " ", field, " = ",
      value, " ",
      button("perturb", "set it to this value once, in the next tick",
        () => act("perturb", { variable: field.value, neuron, value: Number(value.value) })), " ",
      button("clamp", state.neuron === null ? "hold all its neurons at this value"
        : "hold this neuron at this value, the others of its population where they are", clamp), " ",
      held.length ? button("release", "let go", () => act("clamp", { population: about.name, values: null })) : ""),
    held.length ? h("p", { class: "soft" },
      `held: ${held.map((e) => `${e.population}${e.neuron === null ? "" : `[${e.neuron}]`} = ${exact(e.value)}`).join(", ")}`)
      : "", editors(about));
}

function editors(about) {
  const entities = [...(about ? [about] : []),
    ...data.info.projections.filter((p) => p.learns && (!about || p.to === about.name || p.from === about.name))];
  const rows = entities.flatMap((entity) => (entity.parameters ?? []).filter((p) => typeof p.value === "number"
    || typeof p.value === "boolean").map((p) => {
    const flag = typeof p.value === "boolean", label = { "aria-label": `${entity.name} ${p.name}`,
      "data-parameter": `${entity.name} ${p.name}` };
    const edit = flag ? h("input", { type: "checkbox", checked: p.value, ...label })
      : h("input", { type: "number", step: "any", value: String(p.value), ...label });
    const apply = async () => {
      const value = flag ? Number(edit.checked) : Number(edit.value);
      if (await act("parameter", { entity: entity.name, name: p.name, value })) p.value = flag ? edit.checked : value;
    };
    edit.addEventListener("change", apply);
    return h("tr", {}, h("th", { scope: "row" }, entity.name), h("td", {}, p.name), h("td", {}, edit));
  }));
  return rows.length ? h("table", { class: "state" }, h("tbody", {}, rows)) : "";
}

const audit = latest(async () => {
  for (;;) {
    const { running, report } = await source.audit();
    fill(auditBox, running ? h("p", { class: "soft" }, "measuring…") : "", report
      ? h("ul", { class: "verdicts" },
      report.verdicts.map((v) => h("li", { title: v.text, class: v.holds || !v.text ? "holds" : "", "data-verdict": v.name,
      "data-holds": String(v.holds) },
      h("span", { class: v.holds ? "yes" : "no" }, v.holds ? "✔" : "✘"), " ", h("b", {}, v.name.replaceAll("-", " ")),
        v.class ? h("span", { class: "soft" }, ` ${v.class}`) : "", v.text && !v.holds ? h("div", { class: "soft" }, v.text)
        : ""))) : running ? "" : h("p", { class: "soft" }, "This circuit has not been measured."));
    if (!running) return;
    await new Promise((done) => setTimeout(done, 1000));
  }
}, (error) => fill(auditBox, h("p", { class: "failure" }, error.message)));

export const progress = () => (now ? grouped(now.tick) : "");
