// The panel of what is selected: a population, or a neuron with its state, partners, weights and messages at the cursor.
import { css } from "./colours.js";
import * as data from "./data.js";
import { button, exact, fill, h, short } from "./dom.js";
import { pin } from "./lines.js";
import { latest, source } from "./source.js";
import { on, set, state } from "./state.js";
import * as time from "./timeline.js";
import { ask } from "./why.js";

let panel, shownFor = "";

export function create() {
  panel = h("div", { class: "panel-body neuron" });
  on(["population", "neuron", "tick", "lane", "panel", "version"], () => { if (state.panel === "neuron") load(); });
  return panel;
}

const load = latest(async () => {
  const { population, neuron, tick, lane } = state, about = data.population(population);
  if (!about) return void fill(panel, h("p", { class: "soft" },
    "Click a neuron in the circuit or a strip to see its state, its partners and what they tell it. ",
    "Press ? for the keys."));
  if (neuron === null) return void showPopulation(about);
  const found = await source.neuron({ population, neuron, tick, lane });
  if (state.population !== population || state.neuron !== neuron) return;
  set({ partners: found });
  show(about, found);
}, (error) => { fill(panel, h("p", { class: "failure" }, error.message)); });

function showPopulation(about) {
  const where = (list) => list.map((p) => `${p.name} (${p.synapse})`).join(", ") || "nothing";
  const { projections } = data.info;
  fill(panel, 
    h("h3", {}, about.name, h("span", { class: "soft" },
      ` ${about.size} ${about.size === 1 ? "neuron" : "neurons"}${about.shape?.length > 1 ? `, ${about.shape.join(" × ")}` : ""}`)),
    h("p", {}, about.title, about.source ? h("span", { class: "soft" }, ` (${about.source})`) : ""),
      about.equation ? h("pre", {}, about.equation) : "",
    h("dl", {}, ...about.parameters.flatMap((p) => [h("dt", {}, p.name), h("dd", {}, exact(p.value))]),
      h("dt", {}, "hears"), h("dd", {}, where(projections.filter((p) => p.to === about.name))),
      h("dt", {}, "tells"), h("dd", {}, where(projections.filter((p) => p.from === about.name)))),
    h("p", {}, "Neuron: ", h("input", { type: "number", min: "0", max: String(about.size - 1), "aria-label": "number of a neuron",
      onchange: (e) => set({ neuron: Math.min(about.size - 1, Math.max(0, Number(e.target.value))) }) })));
}

function show(about, found) {
  const name = `${about.name}${data.place(about.name, found.neuron)}`, grid = about.shape?.length > 1
    ? `${about.name}[${found.neuron}]` : name;
  const key = name, top = shownFor === key ? panel.scrollTop : 0;
  shownFor = key;
  const spiked = about.variables.some((v) => v.event && found.state[v.field]);
  const fields = Object.entries(found.state).map(([field, value]) => {
    const v = about.variables.find((w) => w.field === field);
    const unit = v?.unit && v.unit !== "1" ? ` ${v.unit}` : "";
    return h("tr", {}, h("th", { scope: "row", title: v?.description ?? "not recorded: computed or unknown" }, field),
      h("td", { class: "number", "data-field": field, "data-value": String(value) },
        h("i", { class: "dot", "data-colour": v && data.hasScale(v.name) ? css(value, data.scale(v.name)) : "" }), exact(value),
        unit),
      h("td", {}, v ? button("pin", `draw ${name} as a line`, () => pin(`${v.name}${data.place(about.name, found.neuron)}`),
        { class: "small" }) : ""));
  });
  fill(panel, 
    h("h3", { "data-neuron": name }, name, h("span", { class: "soft" }, ` at ${time.when(found.tick)}`),
      spiked ? button("why did it spike?", "the chain of messages back to the stimulus",
        () => ask(`${grid}@${found.tick}`), { class: "small" }) : ""),
    h("p", { class: "soft" }, about.title),
    h("table", { class: "state" }, h("tbody", {}, fields)),
    partners("hears", "what its partners sent, times the weight", found.incoming, found.incoming_total, "from", found),
    partners("tells", "to whom it sends", found.outgoing, found.outgoing_total, "to", found));
  for (const dot of panel.querySelectorAll("[data-colour]")) dot.style.background = dot.dataset.colour;
  panel.scrollTop = top;
}

function partners(word, title, rows, total, key, found) {
  if (rows.length === 0) return "";
  const largest = Math.max(...rows.map((r) => Math.abs(r.value ?? 0)), 1e-300);
  const head = h("tr", {}, h("th", {}, key), h("th", { title: "how many ticks later it arrives" }, "delay"),
    h("th", { title: "weight of the synapse at this tick; – : a link, which has none" }, "weight"),
    h("th", { title: "what the source sent, `delay` ticks before" }, "sent"),
      h("th", { title: "what arrived: weight × sent" }, "arrives"), h("th", {}, ""));
  const body = rows.slice(0, 200).map((r) => {
    const where = `${r[key]}${data.place(r[key], r.neuron)}`;
    const theta = r.column !== null && r.column !== undefined
      ? `${r.projection}.theta${/(\[.*)/.exec(r.name ?? "")?.[1] ?? `[#${r.column}]`}` : null;
    const bar = h("i", { class: "bar" });
    bar.style.width = `${(Math.abs(r.value ?? 0) / largest) * 26}px`;
    bar.classList.toggle("negative", r.value < 0);
    return h("tr", {},
      h("td", { title: `over ${r.projection}` },
        h("button", { type: "button", class: "plain link", onclick: () => set({ population: r[key], neuron: r.neuron }) },
          where)),
      h("td", { class: "number" }, String(r.delay)),
      h("td", { class: "number" }, theta ? h("button",
        { type: "button", class: "plain link", title: `${exact(r.weight)}; click to draw ${theta} as a line`,
        onclick: () => pin(theta) }, short(r.weight)) : short(r.weight)),
      h("td", { class: "number", title: exact(r.sent) }, short(r.sent)),
      h("td", { class: "number", title: exact(r.value), "data-arrives": String(r.value) }, short(r.value), bar),
      h("td", {}, r.name && data.projection(r.projection)?.learns
        ? button("why", `why did ${r.name} change?`, () => askWeight(r), { class: "small" }) : ""));
  });
  return [h("h4", { title }, `${word} ${total}`, rows.length < total || rows.length > 200
    ? h("span", { class: "soft" }, ` the ${Math.min(200, rows.length)} strongest are listed`) : ""),
    h("table", { class: "partners" }, h("thead", {}, head), h("tbody", {}, body))];
}

/** Of a weight, what is asked is its last change at or before the cursor, else the next one. */
const askWeight = async (row) => ask(`${row.name}@${await lastChange(row)}`);

export async function lastChange({ name, projection, column }) {
  const told = source.questions?.().find((of) => of.startsWith(`${name}@`)); // an exported page has answers of some only
  if (told) return told.slice(name.length + 1);
  const variable = `${projection}.theta`, from = Math.max(data.info.first, state.tick - 2000),
    to = Math.min(data.info.last, state.tick + 2000);
  const matrix = await source.values({ variable, from, to, columns: String(column), lane: state.lane }).catch(() => null);
  if (!matrix) return state.tick;
  // A frame is what the tick used, before it learned: a frame that differs from the next one changed in its own tick.
  const changed = (tick) => tick - from + 1 < matrix.rows && !Object.is(matrix.data[tick - from + 1], matrix.data[tick - from]);
  for (let tick = state.tick; tick >= from; --tick) if (changed(tick)) return tick;
  for (let tick = state.tick + 1; tick < to; ++tick) if (changed(tick)) return tick;
  return state.tick;
}
