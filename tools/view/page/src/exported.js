// The source of an exported page: everything is in window.LOCUS_EXPORT, exact within its window, an overview elsewhere.

import { place } from "./data.js";
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
const floats = (text, type) => (type === "f64" ? new Float64Array(bytes(text))
  : Float64Array.from(new Float32Array(bytes(text))));
const refuse = (sentence) => { throw new Error(sentence); };

export class ExportSource {
  constructor(data) {
    this.data = data;
    this.decoded = new Map();
  }

  once(key, make) {
    if (!this.decoded.has(key)) this.decoded.set(key, make());
    return this.decoded.get(key);
  }

  async info() { return this.data.info; }

  exact(variable) {
    const entry = this.data.values?.[variable];
    return entry && { ...entry, data: this.once(`v ${variable}`, () => floats(entry.data, entry.type)) };
  }

  async values({ variable, from, to, columns = null, step = 1 }) {
    const entry = this.exact(variable) ?? refuse(`the export holds no values of ${variable}`);
    const chosen = columns === null ? [...Array(entry.columns).keys()] : String(columns).split(",").map(Number);
    const rows = Math.max(0, Math.ceil((to - from) / step));
    const data = new Float64Array(rows * chosen.length).fill(NaN);
    for (let row = 0; row < rows; ++row) {
      const frame = Math.floor((from + row * step - entry.from) / entry.step);
      if (frame < 0 || frame >= entry.rows) continue;
      chosen.forEach((column, i) => { data[row * chosen.length + i] = entry.data[frame * entry.columns + column]; });
    }
    return { rows, columns: chosen.length, data };
  }

  async overview({ variable, rows: most = Infinity }) {
    const entry = this.data.overview?.[variable] ?? refuse(`the export holds nothing of ${variable}`);
    const low = this.once(`l ${variable}`, () => floats(entry.min, "f32"));
    const high = this.once(`h ${variable}`, () => floats(entry.max, "f32"));
    const join = Math.max(1, Math.ceil(entry.columns / most)), columns = Math.ceil(entry.columns / join);
    const data = new Float64Array(2 * entry.rows * columns).fill(NaN);
    const put = (index, value, better) => { if (Number.isNaN(data[index]) || better(value, data[index])) data[index] = value; };
    for (let row = 0; row < entry.rows; ++row) {
      for (let column = 0; column < entry.columns; ++column) {
        const to = row * columns + Math.floor(column / join), from = row * entry.columns + column;
        put(to, low[from], (a, b) => a < b);
        put(entry.rows * columns + to, high[from], (a, b) => a > b);
      }
    }
    return { rows: 2 * entry.rows, columns, data, block: [entry.block[0], entry.block[1] * join],
      from: entry.from ?? this.data.info.first };
  }

  async tick({ tick, variables }) {
    const values = {};
    for (const variable of variables.split(",")) {
      const frame = await this.values({ variable, from: tick, to: tick + 1 }).catch(() => null);
      values[variable] = frame ? frame.data : [];
    }
    return { tick, values };
  }

  async spikes({ group, from, to }) {
    const all = this.data.spikes?.[group] ?? { tick: [], neuron: [] };
    const chosen = all.tick.map((tick, i) => i).filter((i) => all.tick[i] >= from && all.tick[i] < to);
    return { tick: chosen.map((i) => all.tick[i]), neuron: chosen.map((i) => all.neuron[i]), more: false };
  }

  async stimuli({ from, to }) { return (this.data.stimuli ?? []).filter((s) => s.on < to && s.off > from); }

  async presentations({ from, to }) {
    const all = this.data.presentations ?? [];
    return { rows: (all.rows ?? all).filter((p) => p.first < to && p.end > from), more: false };
  }

  async next({ tick, direction, what, population }) {
    const { info } = this.data, [first, last] = what === "change" ? info.window : [info.first, info.last];
    const happens = await this.happens(what, population, first, last);
    for (let t = tick + direction; t >= first && t < last; t += direction) if (happens(t)) return { tick: t };
    return { tick: null };
  }

  async happens(what, population, first, last) {
    if (what === "tick") return () => true;
    if (what === "spike") {
      const groups = Object.keys(this.data.spikes ?? {}).filter((group) => !population || group === population);
      const ticks = new Set(groups.flatMap((group) => this.data.spikes[group].tick));
      return (t) => ticks.has(t);
    }
    if (what === "presentation") {
      const ticks = new Set((await this.presentations({ from: first, to: last })).rows.map((p) => p.first));
      return (t) => ticks.has(t);
    }
    if (what === "weight") {
      const ticks = new Set(Object.values(this.data.weights ?? {}).flatMap((w) => w.ticks.slice(1)));
      return (t) => ticks.has(t);
    }
    const entries = Object.keys(this.data.values ?? {})
      .filter((name) => !population || name.startsWith(`${population}.`)).map((name) => this.exact(name));
    return (t) => entries.some((entry) => {
      const now = Math.floor((t - entry.from) / entry.step);
      if (now < 1 || now >= entry.rows) return false;
      for (let c = now * entry.columns; c < (now + 1) * entry.columns; ++c) {
        if (!Object.is(entry.data[c], entry.data[c - entry.columns])) return true;
      }
      return false;
    });
  }

  async weights({ projection, tick }) {
    const entry = this.data.weights?.[projection] ?? refuse(`the export holds no weights of ${projection}`);
    const all = this.once(`w ${projection}`, () => floats(entry.data, "f32"));
    let at = 0;
    while (at + 1 < entry.ticks.length && entry.ticks[at + 1] <= tick) ++at;
    const [rows, columns] = entry.shape;
    return { rows, columns, data: all.subarray(at * rows * columns, (at + 1) * rows * columns), tick: entry.ticks[at] };
  }

  async neuron({ population, neuron, tick }) {
    const about = this.data.info.populations.find((p) => p.name === population) ?? refuse(`no population ${population}`);
    const state = {};
    for (const variable of about.variables) {
      const frame = await this.values({ variable: variable.name, from: tick, to: tick + 1 }).catch(() => null);
      const column = variable.recorded ? variable.recorded.indexOf(neuron) : neuron;
      if (frame && column >= 0) state[variable.field] = frame.data[column];
    }
    const incoming = await this.partners(population, neuron, tick, "to", "from");
    const outgoing = await this.partners(population, neuron, tick, "from", "to");
    return { population, neuron, tick, place: `[${neuron}]`, state, incoming, incoming_total: incoming.length,
      outgoing, outgoing_total: outgoing.length };
  }

  async partners(population, neuron, tick, own, other) {
    const rows = [];
    for (const projection of this.data.info.projections) {
      if (projection[own] !== population || !this.data.weights?.[projection.name] || !projection.matrix) continue;
      const matrix = await this.weights({ projection: projection.name, tick });
      const far = this.data.info.populations.find((p) => p.name === projection[other]);
      if (matrix.rows * matrix.columns === 0 || far.size !== (own === "to" ? matrix.columns : matrix.rows)) continue;
      for (let i = 0; i < far.size; ++i) {
        const [target, from] = own === "to" ? [neuron, i] : [i, neuron], column = target * matrix.columns + from;
        rows.push({ projection: projection.name, [other]: far.name, neuron: i, delay: projection.delay, sent: null,
          weight: matrix.data[column], value: null, column,
          name: projection.name + place(projection.to, target) + place(projection.from, from) });
      }
    }
    return rows.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, 500);
  }

  async curves() { return this.data.curves ?? null; }
  async diff() { return this.data.diff ?? null; }

  /** What the page can tell why of, as NAME[index]@TICK. */
  questions() { return Object.keys(this.data.why?.told ?? {}); }

  async why({ of }) {
    const { told = {}, failure } = this.data.why ?? {}, [from, to] = this.data.info.window;
    return told[of] ?? refuse(failure ? `This page holds no answers: ${failure}` : `This page does not hold why ${of}. Of ticks ${from}
      to ${to - 1} it has the first spikes of each population and the largest changes of each projection's last update, as many as
      there is room for: ${this.questions().length}. For all others, open the trace with locus view, or ask locus trace why.`);
  }
}
