// Loss and accuracy over the run, and what is known about it.
import * as data from "./data.js";
import { h } from "./dom.js";
import { chart } from "./lines.js";
import { source } from "./source.js";
import { on, state, touch } from "./state.js";

let panel, plots = [], asked = null;

/** The curves of the run, asked for once (of a running circuit: again when it went on). */
export const curves = () => (asked ??= source.curves());
export function stale() {
  asked = null;
  touch("curves");
}

export function create() {
  panel = h("div", { class: "panel-body run" });
  on(["panel", "theme", "curves"], draw);
  on(["tick"], () => { for (const plot of plots) plot.redraw(false, false); });
  return panel;
}

async function draw() {
  if (state.panel !== "run") return;
  const found = await curves().catch((error) => ({ failure: error.message }));
  if (state.panel !== "run") return;
  for (const plot of plots) plot.destroy();
  plots = [];
  panel.replaceChildren();
  if (found?.failure) return void panel.append(h("p", { class: "failure" }, found.failure));
  const add = (heading, title, tick, series, yRange = null, ofRun = true) => {
    if (!tick || tick.length < 1) return;
    panel.append(h("h4", { title }, heading,
      ...(series.length > 1 ? series.map((s, i) => h("span", { class: "key" }, h("i", { class: `swatch line-${i % 6}` }),
      s.label)) : [])));
    plots.push(chart(panel, { width: panel.clientWidth - 24, height: 116, x: tick, series, left: 48, yRange,
      points: tick.length < 40, range: ofRun ? () => [data.info.first, data.info.last] : null }));
  };
  add("loss", "squared error of the output at the end of each presentation", found?.loss?.tick,
    [{ label: "loss", values: found?.loss?.value }]);
  add("accuracy", "share of presentations with the right answer", found?.accuracy?.tick,
    [{ label: "accuracy", values: found?.accuracy?.value, colour: 2 }], [0, 1.02]);
  const epochs = found?.results ?? state.live?.results ?? data.info.results;
  if (!found?.loss && epochs?.epoch?.length) {
    add("loss by epoch", "mean loss of an epoch's samples", epochs.epoch, [{ label: "train", values: epochs.train_loss }], null,
      false);
    if (epochs.test_accuracy?.length) add("test accuracy by epoch", "share of the test set that is classified rightly",
      epochs.epoch, [{ label: "test", values: epochs.test_accuracy, colour: 2 }], [0, 1.02], false);
  }
  const sizes = (found?.weights ?? []).filter((w) => w.tick.length > 1);
  if (sizes.length && sizes.every((w) => w.tick.length === sizes[0].tick.length)) {
    add("size of weights", "root mean square of each projection's weights", sizes[0].tick,
      sizes.slice(0, 6).map((w) => ({ label: w.projection, values: w.rms })));
  }
  if (plots.length === 0) panel.append(h("p", { class: "soft" },
    "This trace holds nothing from which loss or accuracy could be drawn: record the output's values and errors, and presentations."));
}
