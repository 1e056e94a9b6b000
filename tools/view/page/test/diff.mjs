// Two traces: the first value in which they differ, as h5py finds it.
import assert from "node:assert/strict";
import { at, expect, h5, open, serve, trace } from "./harness.mjs";

export async function firstDifference() {
  const a = trace("diff-a.h5", "xor.toml", "--updates", "8"),
    b = trace("diff-b.h5", "xor.toml", "--updates", "8", "--set", "learning.phi.cause_gate=false");
  const server = await serve(a, b);
  try {
    const page = await open(server.url);
    await page.locator("#tab-diff").click();
    await page.locator("[data-same]").waitFor();
    assert.equal(await page.locator("[data-same]").getAttribute("data-same"), "false");
    const tick = Number(await page.locator("#panel-diff [data-tick]").getAttribute("data-tick")),
      column = await page.locator("[data-column]").getAttribute("data-column");
    const values = await page.locator("#panel-diff [data-file]").evaluateAll((cells) =>
      cells.map((cell) => Number(cell.dataset.value)));
    const first = (file) => h5(file,
      `min(int(np.nonzero((f['trace'][p][v][:] != h5py.File(${JSON.stringify(b)})['trace'][p][v][:]).any(1))[0][0]) for p in f['trace'] if p != 'tick' for v in f['trace'][p] if (f['trace'][p][v][:] != h5py.File(${JSON.stringify(b)})['trace'][p][v][:]).any())`);
    assert.equal(tick, first(a), "tick of the first difference");
    const [, path, index] = /^(.*)\.\w+\[(\d+)\]$/.exec(column), field = /\.(\w+)\[/.exec(column)[1];
    assert.deepEqual(values, [a, b].map((file) => h5(file, `float(f['trace/${path}/${field}'][${tick}, ${index}])`)));
    assert.notEqual(values[0], values[1]);
    await page.getByRole("button", { name: "cursor and pin to the first difference" }).click();
    await at(page, tick);
    await expect(page, (v) => v.state.pins, [column], "pinned");
    assert.deepEqual(page.failures, []);
    await page.context().close();
  } finally { await server.stop(); }
}

export async function noDifference() {
  const a = trace("diff-a.h5", "xor.toml", "--updates", "8"),
    server = await serve(a, trace("diff-c.h5", "xor.toml", "--updates", "8"));
  try {
    const page = await open(server.url);
    await page.locator("#tab-diff").click();
    await page.locator("[data-same]").waitFor();
    assert.equal(await page.locator("[data-same]").getAttribute("data-same"), "true");
    await page.context().close();
  } finally { await server.stop(); }
}
