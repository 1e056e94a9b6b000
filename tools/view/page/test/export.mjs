// An exported page, opened from a file without any server.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { at, expect, folder, h5, locus, open, trace } from "./harness.mjs";

export async function fromAFile() {
  const file = trace("digits.h5", "digits.toml", "--updates", "12", "--set",
    'trace.record=["value.x","error.eps","phi.spike","theta"]', "--set", "trace.until=120");
  const out = join(folder, "run.html");
  locus("view", file, "--export", out);
  assert.ok(statSync(out).size <= 10e6, "at most 10 MB");
  const page = await open(pathToFileURL(out).href);
  const requests = [];
  page.on("request", (request) => { if (!request.url().startsWith("data:")
    && !request.url().startsWith("blob:")) requests.push(request.url()); });
  const [from, to] = await page.evaluate(() => window.locusView.info.window);
  for (const tick of [from, Math.floor((from + to) / 2), to - 1].filter((t) => t < 120)) {
    await page.evaluate((t) => { location.hash = `#tick=${t}`; }, tick);
    await at(page, tick);
    await expect(page, (v) => v.frame("hidden1.value.x"), h5(file, `f['trace/hidden1.value/x'][${tick}, :, 0]`),
      `values at tick ${tick}`);
  }
  await page.mouse.click(...await page.evaluate(() => window.locusView.neuronPoint("output.value", 3)));
  await page.locator("[data-neuron='output.value[3]']").waitFor();
  await page.locator("#tab-weights").click();
  await page.waitForFunction(() => window.locusView.weights);
  await page.locator("#tab-why").click();
  for (const name of ["output.forward[", ".phi["]) {
    await page.locator(".answer button", { hasText: name }).first().waitFor();
  }
  const asked = await page.locator(".answer button").allInnerTexts();
  for (const of of [asked.find((name) => name.startsWith("output.forward[")), asked.find((name) => name.includes(".phi["))]) {
    const told = JSON.parse(locus("trace", "why", file, of, "--json", "--most", "40"));
    await page.locator(".why input").fill(of);
    await page.keyboard.press("Enter");
    await page.getByText(told.sentence).waitFor();
    assert.deepEqual(await page.locator(".steps li").evaluateAll((items) =>
      items.map((item) => [Number(item.dataset.tick), item.dataset.entity])), told.steps.map((s) => [s.tick, s.entity]));
  }
  await page.locator(".why input").fill("hidden1.value.x[0]@2");
  await page.keyboard.press("Enter");
  await page.getByText("This page does not hold why").waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".strips").focus();
  await page.keyboard.press("0");
  await page.keyboard.press("t");
  assert.deepEqual(requests, [], "nothing is fetched");
  assert.deepEqual(page.failures, []);
  await page.context().close();
}
