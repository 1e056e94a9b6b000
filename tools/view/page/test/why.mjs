// Why a weight changed, and why a neuron spiked: the chain that the page shows is that of `locus trace why`.
import assert from "node:assert/strict";
import { at, expect, h5, open, serve, trace } from "./harness.mjs";

export async function whyAWeightChanged() {
  const file = trace("xor.h5", "xor.toml", "--set", "stimuli.epochs=50"), server = await serve(file);
  try {
    const page = await open(server.url);
    const tick = h5(file, "int(np.nonzero(np.diff(f['trace/hidden1.forward/theta'][:, 4]))[0][0])");
    const change = h5(file, `f['trace/hidden1.forward/theta'][${tick + 1}, 4] - f['trace/hidden1.forward/theta'][${tick}, 4]`);
    assert.notEqual(change, 0);
    await page.locator("#tab-why").click();
    await page.locator(".why input").fill(`hidden1.forward[2][0]@${tick}`);
    await page.keyboard.press("Enter");
    await page.locator(".steps li").first().waitFor();
    const steps = await page.locator(".steps li").evaluateAll((items) =>
      items.map((item) => [Number(item.dataset.tick), item.dataset.entity, item.className]));
    assert.ok(steps.some(([, entity]) => entity.startsWith("hidden1.phi[2]")), "the gate's spike is in the chain");
    assert.ok(steps.some(([, , kind]) => kind === "kind-stimulus"), "the chain ends at a stimulus");
    assert.ok(steps.every(([t]) => t <= tick));
    assert.ok(await page.locator(".arrow.on-path, .box.on-path").count() > 0, "the path is drawn in the circuit");
    await page.locator(".steps li .tick-badge").last().click();
    await at(page, steps.at(-1)[0]);
    assert.deepEqual(page.failures, []);
    await page.context().close();
  } finally { await server.stop(); }
}

export async function fromANeuronsPanel() {
  const file = trace("xor.h5", "xor.toml", "--set", "stimuli.epochs=50"), server = await serve(file);
  try {
    const page = await open(server.url);
    const [tick, neuron] = h5(file, "[int(f['spikes/hidden1.phi/timestamps'][0]), int(f['spikes/hidden1.phi/node_ids'][0])]");
    await page.keyboard.press("s");
    await at(page, tick);
    await page.mouse.click(...await page.evaluate((n) => window.locusView.neuronPoint("hidden1.phi", n), neuron));
    await page.getByRole("button", { name: "the chain of messages back to the stimulus" }).first().click();
    await expect(page, (v) => v.state.why, `hidden1.phi[${neuron}]@${tick}`, "question");
    await page.locator(".steps li").first().waitFor();
    await page.context().close();
  } finally { await server.stop(); }
}

export async function whatCannotBeAnswered() {
  const server = await serve(trace("xor.h5", "xor.toml", "--set", "stimuli.epochs=50"));
  try {
    const page = await open(`${server.url}&panel=why`);
    assert.match(await page.locator("#panel-why .answer").innerText(), /Name a weight/);
    await page.locator(".why input").fill("nobody[3]@5");
    await page.keyboard.press("Enter");
    await page.locator("#panel-why .failure").waitFor();
    assert.match(await page.locator("#panel-why .failure").innerText(), /\S+ \S+/);
    await page.context().close();
  } finally { await server.stop(); }
}
