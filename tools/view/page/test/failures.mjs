// What goes wrong is said in a sentence.
import assert from "node:assert/strict";
import { open, serve, trace } from "./harness.mjs";

const file = () => trace("diff-a.h5", "xor.toml", "--updates", "8");

export async function wrongToken() {
  const server = await serve(file());
  try {
    const page = await open(server.url.replace(/token=.*/, "token=0"), { ready: false });
    await page.locator(".broken .failure").waitFor();
    assert.match(await page.locator(".broken").innerText(), /exactly as locus view prints it/);
    await page.context().close();
  } finally { await server.stop(); }
}

export async function lostConnection() {
  const server = await serve(file());
  const page = await open(server.url);
  await server.stop();
  await page.keyboard.press("w");
  await page.locator(".lost").waitFor({ state: "visible" });
  assert.match(await page.locator(".lost").innerText(), /connection to Locus is lost/);
  assert.ok(await page.locator(".strip").count() > 3, "what was drawn stays");
  await page.context().close();
}

export async function addressesThatMeanNothing() {
  const server = await serve(file());
  try {
    const page = await open(`${server.url}&tick=999999&from=-5&to=99999999&pins=nobody.x[9];hidden1.value.x[99]&at=nobody[3]&panel=nothing&open=nobody&fields=nobody:x&weights=nobody&lane=77`);
    await page.waitForFunction(() => window.locusView.state.tick < window.locusView.info.last);
    assert.deepEqual(page.failures, []);
    await page.context().close();
  } finally { await server.stop(); }
}
