// Search: populations, projections, variables and neurons by parts of their names; Enter takes the first.
import * as data from "./data.js";
import { button, h } from "./dom.js";
import { pin } from "./lines.js";
import { set, state } from "./state.js";

let input, results, chosen = 0, found = [];

export function create() {
  input = h("input", { type: "search", placeholder: "Search neurons, populations, weights  ( / )", "aria-label": "search",
    role: "combobox", "aria-expanded": "false", "aria-controls": "results", autocomplete: "off", spellcheck: "false",
    oninput: show, onfocus: show, onkeydown: key, onblur: () =>
      setTimeout(() => { if (!box.contains(document.activeElement)) hide(); }, 150) });
  results = h("ul", { id: "results", role: "listbox", hidden: true });
  const box = h("div", { class: "search" }, input, results);
  return box;
}

export const focus = () => { input.focus(); input.select(); };

/** What a text means: words that all must occur, or a name with a neuron's number. */
export function search(text) {
  text = text.trim();
  if (text === "") return [];
  const list = [], numbered = /^(.*?)((?:\[[\d,]+\])+)$/.exec(text);
  if (numbered) {
    for (const name of names().filter((entry) => matches(entry.name, numbered[1])).map((entry) => entry.name)) {
      const about = data.population(name), full = `${name}${numbered[2]}`;
      if (data.parse(full)) list.push({ name: full, kind: "neuron", title: data.parse(full).variable.description });
      else if (about && /^\[\d+\]$/.test(numbered[2]) && Number(numbered[2].slice(1, -1)) < about.size) list.push({ name: full,
        kind: "select", title: about.title });
    }
    return list.slice(0, 50);
  }
  return names().filter((entry) => matches(`${entry.name} ${entry.title}`, text))
    .sort((a, b) => Number(b.name.includes(text)) - Number(a.name.includes(text))).slice(0, 50);
}

const matches = (name, text) => text.toLowerCase().split(/\s+/).every((word) => name.toLowerCase().includes(word));

const names = () => [
  ...data.info.populations.map((p) => ({ name: p.name, kind: "population", title: p.title })),
  ...data.info.populations.flatMap((p) => p.variables.map((v) => ({ name: v.name, kind: "variable", title: v.description }))),
  ...data.info.projections.filter((p) => p.synapse !== "link").map((p) =>
    ({ name: p.name, kind: "projection", title: `${p.from} → ${p.to}` })),
  ...data.info.projections.flatMap((p) => p.variables.map((v) => ({ name: v.name, kind: "weights", title: v.description }))),
  ...data.info.projections.filter((p) => p.synapse === "link").map((p) =>
    ({ name: p.name, kind: "link", title: `${p.from} → ${p.to}, no weights` })),
];

function show() {
  found = search(input.value);
  chosen = 0;
  const empty = input.value.trim() !== "" && found.length === 0;
  results.replaceChildren(...(empty ? [h("li", { class: "soft" }, "nothing has such a name; try value, or hidden1.value.x[3]")]
    : found.map((entry, i) =>
    h("li", { role: "option", "aria-selected": String(i === 0), "data-result": entry.name,
      onpointerdown: (e) => { e.preventDefault(); take(i); } },
      h("span", { class: "kind" }, entry.kind === "select" ? "neuron" : entry.kind), h("b", {}, entry.name),
        h("span", { class: "soft" }, entry.title ?? "")))));
  const open = found.length > 0 || empty;
  results.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
}

function hide() {
  results.hidden = true;
  input.setAttribute("aria-expanded", "false");
}

function key(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    chosen = Math.max(0, Math.min(found.length - 1, chosen + (event.key === "ArrowDown" ? 1 : -1)));
    [...results.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === chosen)));
    results.children[chosen]?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter") take(chosen);
  else if (event.key === "Escape") { hide(); input.blur(); }
  event.stopPropagation();
}

/** A neuron's variable is pinned, a population selected, a variable shown in its strip, a projection's weights shown. */
function take(index) {
  const entry = found[index];
  if (!entry) return;
  const place = data.parse(entry.name), about = data.variable(entry.name);
  if (entry.kind === "neuron") {
    pin(entry.name);
    if (!place.variable.weights) set({ population: place.variable.entity.name, neuron: place.neuron, panel: "neuron" });
  } else if (entry.kind === "select") {
    const [, name, number] = /^(.*)\[(\d+)\]$/.exec(entry.name);
    set({ population: name, neuron: Number(number), panel: "neuron" });
  } else if (entry.kind === "population") set({ population: entry.name, neuron: null, panel: "neuron" });
  else if (entry.kind === "variable") {
    set({ fields: { ...state.fields, [about.entity.name]: about.event ? "spikes" : about.field }, population: about.entity.name,
      neuron: null, panel: "neuron" });
  } else if (entry.kind === "link") set({ population: data.projection(entry.name).to, neuron: null, panel: "neuron" });
  else set({ projection: entry.kind === "weights" ? about.entity.name : entry.name, panel: "weights" });
  hide();
  input.blur();
}
