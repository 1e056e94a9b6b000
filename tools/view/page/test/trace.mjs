// A trace in the page: what is drawn, found, pinned, scrubbed and clicked, against h5py.
import assert from "node:assert/strict";
import { at, expect, h5, open, serve, trace } from "./harness.mjs";

const xor = () => trace("xor.h5", "xor.toml", "--set", "stimuli.epochs=50");
const digits = () => trace("digits.h5", "digits.toml", "--updates", "12", "--set",
  'trace.record=["value.x","error.eps","phi.spike","theta"]', "--set", "trace.until=120");
const images = () => trace("images.h5", "digits-conv.toml", "--updates", "2", "--set", 'trace.record=["value.x","theta"]',
  "--set", "trace.until=30");

async function withPage(file, run, more = "") {
  const server = await serve(file);
  try {
    const page = await open(server.url + more);
    await run(page, server);
    assert.deepEqual(page.failures, []);
    await page.context().close();
  } finally { await server.stop(); }
}

export async function firstView() {
  await withPage(digits(), async (page) => {
    // Without a click: the first presentation, every value exact, all populations, stimuli and spikes.
    const p = h5(digits(), "{k: int(f['presentations'][k][0]) for k in ('tick', 'teacher', 'end', 'sample', 'label')}");
    await expect(page, (v) => [v.state.from, v.state.to, v.state.tick], [p.tick, p.end, p.teacher], "window and cursor");
    await expect(page, (v) => v.strips.map((s) => [s.population, s.kind]),
      ["input.value", "hidden1.value", "output.value", "hidden1.error", "hidden1.phi", "output.error",
      "output.phi"].map((n) => [n, "exact"]), "strips");
    for (const [name, path] of [["hidden1.value.x", "hidden1.value/x"], ["output.error.eps", "output.error/eps"]]) {
      for (const tick of [0, 5, 11]) await expect(page, (v, [n, t]) => v.frame(n, t),
        h5(digits(), `f['trace/${path}'][${tick}, :, 0]`), `${name} at tick ${tick}`, [name, tick]);
    }
    const spikes = h5(digits(), "[[int(t), int(n)] for t, n, l in zip(f['spikes/hidden1.phi/timestamps'][:], f['spikes/hidden1.phi/node_ids'][:], f['spikes/hidden1.phi/lanes'][:]) if l == 0 and t < 12]");
    assert.ok(spikes.length > 0);
    await expect(page, (v) => v.strips.find((s) => s.group === "hidden1.phi").spikes, spikes, "spikes");
    assert.match(await page.locator(".readout").innerText(), new RegExp(`sample ${p.sample}, label ${p.label}`));
  });
}

export async function everyScaleIsOfTheWholeRun() {
  await withPage(xor(), async (page) => {
    const most = h5(xor(), "np.abs(f['trace/hidden1.error/eps'][:]).max()");
    await expect(page, (v) => v.scale("hidden1.error.eps").kind, "diverging", "kind");
    await page.waitForTimeout(300);
    const { low, high } = await page.evaluate(() => window.locusView.scale("hidden1.error.eps"));
    assert.equal(low, -high);
    assert.ok(Math.abs(high - most) <= 1e-6 * most, `${high} is not ${most}`);
  });
}

export async function wholeRunIsAnOverview() {
  const long = trace("long.h5", "xor.toml", "--set", "stimuli.epochs=200");
  await withPage(long, async (page) => {
    await page.keyboard.press("0");
    await expect(page, (v) => [v.state.from, v.state.to], [0, 6400], "window");
    await expect(page, (v) => v.strips.map((s) => s.kind === "overview" || s.group !== null).every(Boolean), true, "far out");
    for (const [name, path] of [["hidden1.error", "hidden1.error/eps"], ["output.value", "output.value/x"]]) {
      await expect(page, (v, n) => v.strips.find((s) => s.population === n).extremes,
        h5(long, `[f['trace/${path}'][:].min(), f['trace/${path}'][:].max()]`),
        `lowest and highest of ${name}`, name);
    }
    await page.keyboard.press("f");
    await expect(page, (v) => v.strips[0].kind, "exact", "near again");
  });
}

/** Twenty pictures a second while one drags the cursor over some 2000 neurons, each with the values of its tick. */
export async function scrubbingIsFast() {
  const wide = trace("wide.h5", "digits.toml", "--updates", "10", "--set", "circuit.layers=[64,600,10]", "--set",
    "circuit.lanes=1",
    "--set", 'trace.record=["value.x","error.eps","phi.spike"]', "--set", "trace.until=120");
  await withPage(wide, async (page) => {
    await page.keyboard.press("0");
    await expect(page, (v) => v.strips.every((s) => s.kind === "exact"), true, "loaded");
    const drag = () => page.evaluate(async () => {
      const view = window.locusView, canvas = document.querySelector(".strip canvas"), times = [];
      const names = view.strips.filter((s) => s.variable).map((s) => s.variable);
      document.querySelector(".strips").setPointerCapture = () => {};
      const point = (tick) => ({ clientX: view.stripPoint("hidden1.value", 0, tick)[0],
        clientY: view.stripPoint("hidden1.value", 0, tick)[1] });
      const fire = (type, tick) => canvas.dispatchEvent(new PointerEvent(type,
        { bubbles: true, pointerId: 1, button: 0, ...point(tick) }));
      fire("pointerdown", 0);
      let complete = 0;
      for (let tick = 1; tick < 100; ++tick) {
        const begun = performance.now();
        fire("pointermove", tick);
        await new Promise(requestAnimationFrame);
        await new Promise((done) => setTimeout(done, 0)); // what the picture's frame had to do is done
        times.push(performance.now() - begun);
        complete += view.state.tick === tick && names.every((name) => view.frame(name)) ? 1 : 0;
      }
      fire("pointerup", 99);
      return { times, complete };
    });
    const medians = [];
    for (let attempt = 0; attempt < 4 && !(Math.min(...medians) <= 50); ++attempt) { // others may use this machine too
      const { times, complete } = await drag();
      medians.push(times.sort((a, b) => a - b)[times.length >> 1]);
      assert.equal(complete, 99);
    }
    assert.ok(Math.min(...medians) <= 50, `steps took ${medians.join(", ")} ms`);
  });
}

export async function searchAndPin() {
  await withPage(xor(), async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("hidden1.value.x[3]");
    await page.keyboard.press("Enter");
    await page.keyboard.press("/");
    await page.keyboard.type("forward.theta[2][1]");
    await page.keyboard.press("Enter");
    await expect(page, (v) => v.state.pins, ["hidden1.value.x[3]", "hidden1.forward.theta[2][1]"], "pins");
    for (const tick of [4, 5, 6, 7]) {
      await at(page, tick);
      const values = [h5(xor(), `f['trace/hidden1.value/x'][${tick}, 3]`),
        h5(xor(), `f['trace/hidden1.forward/theta'][${tick}, 5]`)];
      await expect(page, (v) => v.pins.flatMap((p) => p.values), values, `pinned values at tick ${tick}`);
      const shown = await page.locator("[data-pin='hidden1.value.x[3]']").innerText();
      assert.equal(Number(shown.replace("−", "-")), values[0]);
      await page.keyboard.press("ArrowRight");
    }
    await page.getByRole("button", { name: "unpin hidden1.value.x[3]" }).click();
    await expect(page, (v) => v.state.pins.length, 1, "pins left");
  });
}

export async function scrub() {
  await withPage(xor(), async (page) => {
    const from = await page.evaluate(() => window.locusView.stripPoint("hidden1.value", 0, 0)),
      to = await page.evaluate(() => window.locusView.stripPoint("hidden1.value", 0, 7));
    await page.mouse.move(...from);
    await page.mouse.down();
    for (let tick = 0; tick < 8; ++tick) {
      await page.mouse.move(from[0] + ((to[0] - from[0]) * tick) / 7, from[1]);
      await at(page, tick);
      await expect(page, (v) => v.frame("hidden1.error.eps"), h5(xor(), `f['trace/hidden1.error/eps'][${tick}]`),
        `errors at tick ${tick}`);
    }
    await page.mouse.up();
    // The window follows the cursor.
    for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
    await at(page, 10);
    await expect(page, (v) => v.state.from <= 10 && 10 < v.state.to, true, "cursor in the window");
    await expect(page, (v) => v.frame("hidden1.value.x"), h5(xor(), "f['trace/hidden1.value/x'][10]"), "values at tick 10");
  });
}

export async function keys() {
  await withPage(xor(), async (page) => {
    const t = h5(xor(), `{
      'spike': int(min(t for g in f['spikes'] for t in f['spikes'][g]['timestamps'][:] if t > 4)),
      'weight': int(min(np.nonzero((np.diff(f['trace/hidden1.forward/theta'][:], axis=0) != 0).any(1))[0])),
      'presentation': int(f['presentations/tick'][1])}`);
    await page.keyboard.press("s");
    await at(page, t.spike);
    await page.keyboard.press("Home");
    await at(page, 0);
    await page.keyboard.press("w");
    await page.waitForFunction((first) => [first, first + 1].includes(window.locusView.state.tick), t.weight);
      // the tick that learned, or the first that used it
    await page.keyboard.press("Home");
    await at(page, 0);
    await page.keyboard.press("p");
    await at(page, t.presentation);
    await page.keyboard.press("End");
    await at(page, 1599);
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("t");
    await expect(page, () => document.documentElement.dataset.theme, "dark", "theme");
  });
}

export async function clickANeuron() {
  await withPage(xor(), async (page) => {
    await page.keyboard.press("ArrowRight"); // tick 5
    await page.mouse.click(...await page.evaluate(() => window.locusView.neuronPoint("hidden1.error", 2)));
    await page.locator("[data-neuron='hidden1.error[2]']").waitFor();
    await at(page, 5);
    const eps = h5(xor(), "f['trace/hidden1.error/eps'][5, 2]");
    await expect(page, () => Number(document.querySelector("#panel-neuron [data-field=eps]").dataset.value), eps, "eps");
    // What arrives over a synapse is its weight times what was sent.
    const parts = h5(xor(), "[f['trace/hidden1.forward/theta'][5, 4], f['trace/input.value/rate'][5, 0]]");
    await expect(page, (v) => { const r = v.state.partners.incoming.find((x) => x.projection === "hidden1.forward"
      && x.neuron === 0); return [r.weight, r.sent]; }, parts, "weight and message");
  });
}

export async function imagesAtTheCursor() {
  await withPage(images(), async (page) => {
    const grids = await page.evaluate(() => window.locusView.info.populations.filter((p) => p.shape.length > 1
      && p.variables.length).map((p) => [p.variables.find((v) => v.field === "x")?.name, p.shape]));
    assert.ok(grids.length > 0);
    await page.locator("#tab-images").click();
    for (const tick of [3, 9]) {
      await page.keyboard.press("Home");
      for (let i = 0; i < tick; ++i) await page.keyboard.press("ArrowRight");
      for (const [name] of grids.filter(([n]) => n)) {
        await expect(page, (v, n) => v.images.find((i) => i.variable === n)?.values,
          h5(images(), `f['trace/${name.replace(/\.x$/, "/x")}'][${tick}${"].reshape(-1, f.attrs['lanes'])[:, 0]"}`),
          `${name} at ${tick}`, name);
      }
    }
  });
}

export async function weightsAsAMatrix() {
  await withPage(digits(), async (page) => {
    await page.locator("#tab-weights").click();
    await page.locator("#panel-weights select").selectOption("output.forward");
    await expect(page, (v) => v.weights && [v.weights.rows, v.weights.columns, v.weights.projection], [10, 32, "output.forward"],
      "shape");
    await page.waitForFunction(() => location.hash.includes("panel=weights"));
    for (const tick of [8, 20]) {
      await page.evaluate((t) => { location.hash = location.hash.replace(/&tick=\d+/, "") + `&tick=${t}`; }, tick);
      await at(page, tick);
      await expect(page, (v) => v.weights.values, h5(digits(), `f['trace/output.forward/theta'][${tick}]`), `weights at ${tick}`);
    }
  });
}

export async function curvesOfTheRun() {
  await withPage(xor(), async (page) => {
    await page.locator("#tab-run").click();
    await page.locator("#panel-run .uplot").first().waitFor();
    assert.ok(await page.locator("#panel-run .uplot").count() >= 2);
  });
}

export async function theAddressKeepsTheView() {
  await withPage(xor(), async (page, server) => {
    for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
    await page.keyboard.press("/");
    await page.keyboard.type("output.error.eps[0]");
    await page.keyboard.press("Enter");
    await at(page, 7);
    await page.waitForFunction(() => location.hash.includes("pins=output"));
    const address = page.url();
    assert.ok(address.startsWith(server.url.split("#")[0]));
    const other = await open(address);
    await expect(other, (v) => [v.state.tick, v.state.pins, v.state.population], [7, ["output.error.eps[0]"], "output.error"],
      "the same view");
    await other.context().close();
  });
}

export async function lanes() {
  await withPage(digits(), async (page) => {
    await page.getByLabel("lane", { exact: false }).first().fill("7");
    await page.keyboard.press("Enter");
    await expect(page, (v) => v.frame("output.value.x", 8), h5(digits(), "f['trace/output.value/x'][8, :, 7]"), "lane 7");
  });
}
