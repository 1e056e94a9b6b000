// The keyboard, and the page of help that lists it.
import { h } from "./dom.js";
import * as live from "./live.js";
import * as search from "./search.js";
import { set, state } from "./state.js";
import * as time from "./timeline.js";

const keys = [
  ["←  →", "one tick back, one tick on"],
  ["shift ← →", "to the last, to the next change (of the selected population, if there is one)"],
  ["s  S", "to the next, to the last spike (of the selected population, if it spikes)"],
  ["w  W", "to the next, to the last weight update"],
  ["p  P", "to the next, to the last presentation"],
  ["+  −", "zoom in, zoom out"],
  ["f", "the window shows this presentation"],
  ["0", "the window shows the whole run"],
  ["home  end", "to the first, to the last tick"],
  ["/", "search"],
  ["esc", "select nothing"],
  ["space", "run, pause (live)"],
  ["c", "the circuit larger or smaller"],
  ["t", "light or dark"],
  ["?", "this help"],
];

const words = [
  ["tick", "one step of all neurons: messages arrive, states change, synapses learn"],
  ["presentation", "the ticks in which one sample is shown; with the teacher: the ticks in which the output is held at the right answer"],
  ["phi neuron", "a neuron that spikes when an error changes although the prediction did not; its spike lets synapses learn"],
  ["gate", "the signal that lets a synapse learn"],
  ["lane", "one sample of a mini-batch: a copy of the neurons' state; all lanes share the weights"],
  ["projection", "all connections from one population to another"],
  ["theta", "the weights of a projection"],
];

let dialog, toggleTheme;

export function create(theme) {
  toggleTheme = theme;
  dialog = h("dialog", { "aria-label": "help" }, h("form", { method: "dialog" },
    h("button", { class: "plain close", "aria-label": "close" }, "✕")),
    h("h2", {}, "Keys"), h("dl", {}, keys.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
    h("h2", {}, "Mouse"), h("p", {},
      "Drag in the strips to move the cursor, with shift to move the window; the wheel zooms. Click a neuron to select it, an arrow to see its weights. Hover for exact values."),
    h("h2", {}, "Words"), h("dl", {}, words.flatMap(([word, what]) => [h("dt", {}, word), h("dd", {}, what)])));
  document.addEventListener("keydown", press);
  return dialog;
}

export const enlarge = () => document.querySelector("main").classList.toggle("large");
export const help = () => (dialog.open ? dialog.close() : dialog.showModal());

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")
    || (dialog.open && event.key !== "?")) return;
  if (event.key === " " && event.target.closest("button, summary")) return;
  const run = {
    ArrowRight: () => (event.shiftKey ? time.seek("change", 1) : time.seek("tick", 1)),
    ArrowLeft: () => (event.shiftKey ? time.seek("change", -1) : time.seek("tick", -1)),
    s: () => time.seek("spike", 1), S: () => time.seek("spike", -1), w: () => time.seek("weight", 1),
      W: () => time.seek("weight", -1),
    p: () => time.seek("presentation", 1), P: () => time.seek("presentation", -1),
    "+": () => time.zoom(0.5), "=": () => time.zoom(0.5), "-": () => time.zoom(2), f: time.fitPresentation, 0: time.whole,
    Home: () => time.go(-Infinity), End: () => time.go(Infinity), "/": search.focus, "?": help, c: enlarge,
      t: () => toggleTheme(),
    " ": live.toggle, Escape: () => set(state.neuron === null ? { population: null } : { neuron: null, partners: null }),
  }[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}
