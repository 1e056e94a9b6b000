// Two traces: their first difference.
import { button, exact, fill, h } from "./dom.js";
import { pin } from "./lines.js";
import { source } from "./source.js";
import * as data from "./data.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";

let panel, found = null;

export function create() {
  panel = h("div", { class: "panel-body diff" });
  on(["panel"], () => { if (state.panel === "diff" && !found) load(); });
  return panel;
}

async function load() {
  fill(panel, h("p", { class: "soft" }, "comparing…"));
  try { found = await source.diff(); } catch (error) { return void fill(panel, h("p", { class: "failure" }, error.message)); }
  if (!found) return void fill(panel, h("p", { class: "soft" }, "Only one file is open: locus view A.h5 B.h5 compares two."));
  const [a, b] = data.info.files ?? ["first", "second"], first = found.first;
  fill(panel, h("h3", { "data-same": String(found.same) }, found.same ? "The two traces are the same, bit for bit."
    : "The two traces differ."),
    first ? [h("p", {}, "First at ", h("b", { "data-tick": String(first.tick) }, time.when(first.tick)), ", in ",
      h("b", { "data-column": first.column }, first.column), ":"),
      h("table", { class: "state" }, h("tbody", {}, [[a, first.a],
        [b, first.b]].map(([file, value], i) => h("tr", {}, h("th", { scope: "row", title: file }, i ? "second" : "first"),
        h("td", { class: "number", "data-file": String(i), "data-value": String(value) }, exact(value)),
          h("td", { class: "soft" }, file))))),
      h("p", {}, button("go there", "cursor and pin to the first difference", () => jump(first)))] : "",
    h("ul", {}, (found.summary ?? []).map((sentence) => h("li", {}, sentence))));
}

function jump(first) {
  time.go(first.tick);
  if (data.parse(first.column)) {
    const { variable, neuron } = data.parse(first.column);
    pin(first.column);
    if (!variable.weights) set({ population: variable.entity.name, neuron });
  }
}
