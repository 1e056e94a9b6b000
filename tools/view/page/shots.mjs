// Makes the pictures of the README: docs/view-trace.png and docs/view-live.png. node shots.mjs [FOLDER]
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { closeBrowser, netlist, open, root, serve, trace } from "./test/harness.mjs";

const out = resolve(process.argv[2] ?? join(root, "docs"));
mkdirSync(out, { recursive: true });

async function shoot(name, page) {
  await page.mouse.move(640, 712);
  await page.waitForTimeout(400);
  const path = join(out, name);
  await page.screenshot({ path });
  try { execFileSync("pngquant", ["--force", "--output", path, "--quality", "80-98", path]);
    } catch { /* not installed: larger */ }
  const { size } = statSync(path);
  if (size > 200000) throw new Error(`${path} is ${size} bytes large; it should be at most 200000`);
  console.log(`${path}: ${size} bytes`);
}

{
  const file = trace("digits.h5", "digits.toml", "--updates", "60", "--set",
    'trace.record=["value.x","value.rate","error.eps","error.mu","error.burst","phi.spike","bias.rate","theta"]', "--set",
    "trace.until=720");
  const server = await serve(file),
    page = await open(`${server.url}&tick=9&from=0&to=24&pins=hidden1.error.eps[7];hidden1.error.eps[20]&panel=neuron&at=hidden1.error[20]`);
  await page.waitForTimeout(1200);
  await shoot("view-trace.png", page);
  await server.stop();
}
{
  const server = await serve(netlist("xor.toml")), page = await open(server.url, { scheme: "dark", ready: false });
  await page.waitForFunction(() => window.locusView?.live);
  await page.getByLabel("speed in ticks per second").evaluate((slider) => { slider.value = 9;
    slider.dispatchEvent(new Event("input")); });
  await page.keyboard.press(" ");
  await page.waitForFunction(() => window.locusView.live.results?.train_loss?.length >= 150, null, { timeout: 60000 });
  await page.keyboard.press(" ");
  await page.locator("[data-verdict]").first().waitFor({ timeout: 60000 });
  await page.waitForTimeout(800);
  await shoot("view-live.png", page);
  await server.stop();
}
await closeBrowser();
process.exit(0);
