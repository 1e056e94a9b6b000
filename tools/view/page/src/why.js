// Why a weight changed or a neuron spiked: the chain of messages back to the stimulus, as a list and in the circuit.
import * as data from "./data.js";
import { button, exact, fill, h } from "./dom.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";

let panel, input, answer;

export function create() {
  input = h("input", { type: "text", placeholder: "hidden1.forward[2][1]@5", "aria-label": "weight or neuron, and tick",
    spellcheck: "false" });
  answer = h("div", { class: "answer" });
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); ask(input.value.trim()); } },
    h("label", {}, "Why ", input),
    h("button", { type: "submit" }, "ask"));
  panel = h("div", { class: "panel-body why" }, form, answer);
  on(["panel"], () => { if (state.panel === "why" && !state.path) hint(); });
  hint();
  return panel;
}

function hint() {
  fill(answer, h("p", { class: "soft" }, "Name a weight and the tick in which it changed, ",
    h("code", {}, "hidden1.forward[2][1]@5"),
    ", or a neuron and the tick of its spike, ", h("code", {}, "hidden1.phi[3]@9"), ". Or click why in the panel of a neuron."),
    source.questions && h("p", {}, source.questions().length ? "This page holds the answers to these: "
      : "This page holds no answers.", source.questions().map((of) => [h("button", { type: "button", class: "plain link",
      onclick: () => ask(of) }, of), " "])));
}

/** Shows why `of` (NAME[index]@TICK) happened. */
export function ask(of) {
  set({ panel: "why", why: of });
  input.value = of;
  fill(answer, h("p", { class: "soft" }, "looking…"));
  load(of);
}

const load = latest(async (of) => {
  const path = await source.why({ of, lane: state.lane });
  set({ path });
  fill(answer, h("p", { class: "sentence" }, path.sentence), h("ol", { class: "steps" }, path.steps.map(step)));
}, (error) => {
  set({ path: null });
  fill(answer, h("p", { class: "failure" }, error.message));
});

const kinds = { stimulus: "a stimulus held it", message: "a message over a connection", spike: "it spiked",
  gate: "it allows learning",
  state: "its state", change: "its weight or value changed", noise: "a random number that it drew itself",
  initial: "as it was when the run began" };

function step(s) {
  const local = s.local === true ? h("span", { class: "local yes",
    title: "local: both ends of the connection, or a modulator of its own, know it" }, "local")
    : s.local === false ? h("span", { class: "local no", title: "not local: no connection of its own leads there" }, "not local")
      : "";
  return h("li", { class: `kind-${s.kind}`, "data-tick": String(s.tick), "data-entity": s.entity },
    button(String(s.tick), `to ${time.when(s.tick)}`, () => { time.go(s.tick); select(s.entity); }, { class: "tick-badge" }),
    h("div", {}, h("span", { class: "kind", title: kinds[s.kind] ?? "" }, s.kind), " ", h("b", {}, s.entity), " ", s.text,
      s.value === null || s.value === undefined ? "" : h("span", { class: "step-value number" }, exact(s.value)), " ", local,
      s.projection ? h("div", { class: "soft" }, `over ${s.projection}${s.from ? ` from ${s.from}` : ""}`) : ""));
}

function select(entity) {
  const at = /^([^[]+)\[([\d,]+)\]/.exec(entity ?? ""), about = at && data.population(at[1]);
  if (!about) return;
  const places = at[2].split(",").map(Number);
  set({ population: about.name, neuron: places.length === 1 ? places[0]
    : places.reduce((sum, i, axis) => sum * about.shape[axis] + i, 0) });
}
