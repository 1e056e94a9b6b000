// Where the data come from: the server, or window.LOCUS_EXPORT of a page that was exported. Both answer the same
// questions (tools/view/README.md); a matrix is { rows, columns, data } with float64 numbers, row by row.
import { fragment } from "./state.js";
import { ExportSource } from "./exported.js";

const texts = new Set(["name", "model", "title", "equation", "source", "from", "to", "field", "synapse", "unit", "description",
  "group",
  "population", "projection", "variable", "column", "entity", "text", "sentence", "summary", "files", "netlist", "ended", "data",
    "min", "max"]);

class ServerSource {
  constructor() {
    this.token = fragment().get("token") ?? "";
    this.lost = () => {};
    this.found = () => {};
  }

  async ask(path, query = {}, options = {}) {
    const text = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined));
    for (let wait = 500; ; wait = Math.min(4000, wait * 2)) {
      let answer;
      try {
        answer = await fetch(`/api/${path}${text.size ? `?${text}` : ""}`,
          { ...options, headers: { "X-Locus-Token": this.token, ...options.headers } });
      } catch {
        this.lost();
        if (options.method === "POST") throw new Error("Locus does not answer: is it still running?");
        await new Promise((done) => setTimeout(done, wait));
        continue;
      }
      this.found();
      if (answer.ok) return answer;
      let sentence = `the server answered ${answer.status}`;
      try { sentence = (await answer.json()).error ?? sentence; } catch { /* no JSON: the status says it */ }
      const error = new Error(sentence);
      error.status = answer.status;
      throw error;
    }
  }

  async json(path, query) { return numbers(await (await this.ask(path, query)).json()); }

  async matrix(path, query) {
    const answer = await this.ask(path, query);
    const [rows, columns] = (answer.headers.get("X-Locus-Shape") ?? "0,0").split(",").map(Number);
    const data = new Float64Array(await answer.arrayBuffer());
    return { rows, columns, data, block: answer.headers.get("X-Locus-Block")?.split(",").map(Number),
      from: Number(answer.headers.get("X-Locus-From")), tick: Number(answer.headers.get("X-Locus-Tick")) };
  }

  async post(path, body = {}) {
    const headers = { "Content-Type": "application/json" };
    return numbers(await (await this.ask(path, {}, { method: "POST", headers, body: JSON.stringify(body) })).json());
  }
}

for (const [kind, questions] of [["matrix", ["overview", "values", "weights"]], ["json", ["info", "tick", "spikes", "stimuli",
  "presentations", "next", "neuron", "curves", "diff", "why", "state", "audit"]]]) {
  for (const what of questions) ServerSource.prototype[what] = function (query) { return this[kind](what, query); };
}

/** "nan", "inf" and "-inf" of JSON as numbers, in place; but not where a text stands, for a population may be called inf. */
function numbers(value, name = "") {
  if (typeof value === "string") return texts.has(name) ? value
    : ({ nan: NaN, inf: Infinity, "-inf": -Infinity }[value] ?? value);
  if (value !== null && typeof value === "object") {
    for (const key of Object.keys(value)) value[key] = numbers(value[key], Array.isArray(value) ? name : key);
  }
  return value;
}

export const source = window.LOCUS_EXPORT ? new ExportSource(numbers(window.LOCUS_EXPORT)) : new ServerSource();

/** Of many calls in a row only the newest is carried out, when the one before it is done. */
export function latest(run, failed) {
  let busy = false, next = null;
  return async (argument) => {
    next = { argument };
    if (busy) return;
    busy = true;
    while (next) {
      const { argument: now } = next;
      next = null;
      try { await run(now); } catch (error) { failed(error); }
    }
    busy = false;
  };
}
