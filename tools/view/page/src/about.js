// What ran: files, settings, netlist.
import * as data from "./data.js";
import { grouped, h } from "./dom.js";

export function create() { return h("div", { class: "panel-body about" }); }

export function fill(panel) {
  const { info } = data, pair = (name, value, title) => (value === null || value === undefined || value === "" ? []
    : [h("dt", { title }, name), h("dd", {}, String(value))]);
  panel.replaceChildren(h("dl", {},
    ...pair(info.files?.length > 1 ? "files" : "file", info.files?.join(", ")),
      ...pair("ticks", `${grouped(info.first)} to ${grouped(info.last - 1)}${info.every > 1 ? `, every ${info.every}th` : ""}`,
      "one step of all neurons"),
    ...pair("time step", info.dt ? `${info.dt} ms` : null),
      ...pair("lanes", info.lanes, "copies of the neurons' state, one for each sample of a mini-batch; the weights are shared"),
    ...pair("numbers", info.precision, "f64: double precision, f32: single precision"), ...pair("seed", info.seed),
      ...pair("run", info.complete === false ? `not complete: ${info.ended ?? "it was killed"}` : info.ended),
    ...pair("netlist sha256", info.sha256), ...pair("Locus", info.version)), h("h4", {}, "netlist"),
      h("pre", {}, info.netlist ?? ""));
}
