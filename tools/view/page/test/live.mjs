// A running circuit: stepped, perturbed, clamped, and xor until it has learned, to the numbers of `locus run`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, folder, h5, locus, netlist, open, serve, trace } from "./harness.mjs";

async function withCircuit(run, name = "xor.toml", ...options) {
  const server = await serve(netlist(name), ...options);
  try {
    const page = await open(server.url, { ready: false });
    await page.waitForFunction(() => window.locusView?.live);
    await run(page);
    assert.deepEqual(page.failures, []);
    await page.context().close();
  } finally { await server.stop(); }
}
/** Chooses a neuron by the address. On a busy machine the page may not yet listen to it: then once more. */
async function look(page, neuron) {
  const field = page.locator("#panel-live").getByLabel("value", { exact: true });
  for (let tries = 0; tries < 10 && !await field.isVisible(); ++tries) {
    await page.evaluate((at) => { location.hash += `&at=${at}&panel=live`; }, neuron);
    await field.waitFor({ timeout: 2000 }).catch(() => {});
  }
}
const step = (page) => page.getByRole("button", { name: "one tick on" }).click();

export async function tickByTick() {
  const file = trace("live.h5", "xor.toml", "--updates", "4");
  await withCircuit(async (page) => {
    for (let tick = 0; tick < 7; ++tick) {
      if (tick > 0) await step(page);
      await expect(page, (v) => v.live.tick, tick, "the newest tick");
      await expect(page, (v) => [v.state.tick, v.frame("hidden1.value.x")],
        [tick, h5(file, `f['trace/hidden1.value/x'][${tick}]`)], `values of tick ${tick}`);
    }
    await page.getByLabel("step to the next").selectOption("presentation");
    await page.getByRole("button", { name: "run up to the next such thing" }).click();
    await page.waitForFunction(() => window.locusView.live.presentation?.number === 1);
  });
}

export async function xorLearns() {
  const json = join(folder, "xor.json");
  locus("run", netlist("xor.toml"), "--no-trace", "--json", json, "--set", "stimuli.epochs=200");
  const result = JSON.parse(readFileSync(json, "utf8"));
  await withCircuit(async (page) => {
    await page.getByLabel("speed in ticks per second").evaluate((slider) => { slider.value = slider.max;
      slider.dispatchEvent(new Event("input")); });
    await page.keyboard.press(" ");
    await page.waitForFunction(() => window.locusView.live.results?.train_loss?.length >= 200, null, { timeout: 60000 });
    await page.keyboard.press(" ");
    await page.waitForFunction(() => !window.locusView.live.running);
    const shown = await page.evaluate(() => window.locusView.live.results);
    const epochs = result.epochs.slice(0, 200).map((e) => e.train_loss ?? e.loss);
    assert.deepEqual(shown.train_loss.slice(0, 200), epochs, "the losses are those of locus run");
    assert.ok(epochs[199] < 0.02 * epochs[0], `xor has learned: ${epochs[0]} to ${epochs[199]}`);
    // All of it at once: more ticks than are drawn one by one.
    await page.keyboard.press("0");
    await page.waitForFunction(() => window.locusView.strips.some((s) => s.variable === "hidden1.value.x" && s.kind === "overview"));
    assert.equal(await page.locator("footer .message").innerText(), "");
  });
}

export async function clampAndRelease() {
  await withCircuit(async (page) => {
    await step(page);
    await look(page, "input.value[0]");
    await page.locator("#panel-live").getByLabel("value", { exact: true }).fill("0.25");
    await page.getByRole("button", { name: "hold this neuron" }).click();
    await page.waitForFunction(() => window.locusView.live.held.some((e) => e.population === "input.value"));
    await step(page);
    await expect(page, (v) => v.frame("input.value.x")?.[0], 0.25, "clamped value");
    await page.getByRole("button", { name: "let go" }).click();
    await page.waitForFunction(() => window.locusView.live.held.length === 0);
  });
}

export async function perturbAndParameter() {
  await withCircuit(async (page) => {
    await look(page, "hidden1.value[1]");
    await page.locator("#panel-live").getByLabel("value", { exact: true }).fill("0.5");
    const before = await page.evaluate(() => window.locusView.live.tick);
    await page.getByRole("button", { name: "set it to this value once" }).click();
    await step(page);
    await page.waitForFunction((tick) => window.locusView.live.tick > tick, before);
    const alpha = page.locator("[data-parameter='output.forward alpha']");
    await alpha.fill("0.25");
    await alpha.press("Tab");
    await page.getByText("its weights are kept").or(page.getByText("starts again")).first().waitFor();
    await page.waitForFunction(() => document.querySelector("[data-parameter='output.forward alpha']").value === "0.25");
  });
}

export async function audited() {
  await withCircuit(async (page) => {
    await page.locator("[data-verdict]").first().waitFor({ timeout: 60000 });
    const shown = await page.locator("[data-verdict]").evaluateAll((items) =>
      items.map((item) => [item.dataset.verdict, item.dataset.holds]));
    assert.ok(shown.length >= 4, "the verdicts are shown");
  });
}

/** A spike and a weight change are explained while the circuit stands, in the panel, as of a trace. */
export async function why() {
  const file = trace("live.h5", "xor.toml", "--updates", "4");
  await withCircuit(async (page) => {
    await page.getByLabel("step to the next").selectOption("weight");
    await page.getByRole("button", { name: "run up to the next such thing" }).click();
    await page.waitForFunction(() => window.locusView.live.tick > 0 && !window.locusView.live.running);
    const tick = await page.evaluate(() => window.locusView.live.tick) - 1; // whose learning is seen now
    const [post, pre] = h5(file, `[int(k) for k in divmod(np.nonzero(f['trace/output.forward/theta'][${tick + 1}]`
      + ` != f['trace/output.forward/theta'][${tick}])[0][0], 3)]`);
    const of = `output.forward[${post}][${pre}]@${tick}`, told = JSON.parse(locus("trace", "why", file, of, "--json"));
    await page.locator("#tab-why").click();
    await page.locator(".why input").fill(of);
    await page.keyboard.press("Enter");
    await page.locator(".steps li").first().waitFor();
    assert.equal(await page.locator(".why .sentence").innerText(), told.sentence);
    assert.deepEqual(await page.locator(".steps li").evaluateAll((items) =>
      items.map((item) => [Number(item.dataset.tick), item.dataset.entity])), told.steps.map((s) => [s.tick, s.entity]));
    await page.locator(".why input").fill("output.phi[0]@99999");
    await page.keyboard.press("Enter");
    await page.getByText("has come to tick").waitFor();
  });
}
