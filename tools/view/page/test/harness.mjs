// What the tests share: traces made by locus, the server, a browser, and h5py's view of the same numbers.
import { chromium } from "playwright-core";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");
const program = process.env.LOCUS ?? join(root, "build/release/locus");
const python = process.env.PYTHON ?? "/usr/bin/python3";
export const folder = mkdtempSync(join(tmpdir(), "locus-view-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

process.setMaxListeners(0);

export const netlist = (name) => join(root, "netlists", name);
export const locus = (...args) => execFileSync(program, args,
  { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });

/** A trace of a netlist; made once in a run of the tests. */
const traces = new Map();
export function trace(file, name, ...options) {
  const path = join(folder, file);
  if (!traces.has(path)) traces.set(path, locus("run", netlist(name), "--trace", path, "--no-test", ...options));
  return path;
}

/** What a Python expression gives, in which f is the open trace: h5(path, "f['trace/tick'][:5]"). */
export function h5(path, expression) {
  const script = "import h5py, json, sys, numpy as np\n"
    + "def plain(v):\n  return {k: plain(x) for k, x in v.items()} if isinstance(v, dict) else [plain(x) for x in v] if isinstance(v, (list, tuple))"
    + " else v.tolist() if isinstance(v, (np.ndarray, np.generic)) else v\n"
    + "with h5py.File(sys.argv[1], 'r') as f:\n  print(json.dumps(plain(eval(sys.argv[2]))))";
  return JSON.parse(execFileSync(python, ["-c", script, path, expression], { encoding: "utf8", maxBuffer: 1 << 28 }));
}

/** Starts locus view; the answer is its address and how to end it. */
export async function serve(...args) {
  const [command, ...before] = process.env.LOCUS_VIEW ? process.env.LOCUS_VIEW.split(" ") : [program, "view"];
  const child = spawn(command, [...before, ...args, "--no-browser"], { stdio: ["ignore", "pipe", "inherit"] });
  const stop = () => new Promise((done) => {
    if (child.exitCode !== null) return done();
    child.once("exit", done);
    child.kill("SIGINT");
  });
  process.on("exit", () => child.kill("SIGKILL"));
  const url = await new Promise((done, failed) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      const found = /http:\/\/\S+/.exec(text);
      if (found) done(found[0]);
    });
    child.once("exit", (code) => failed(new Error(`locus view ended with ${code} before it printed its address`)));
    setTimeout(() => failed(new Error("locus view printed no address within 20 s")), 20000).unref();
  });
  return { url, stop };
}

let browser = null;
export const closeBrowser = () => browser?.close();

/** A page at `url`, open and drawn. Errors in the page's script fail the test that asks `page.failures`. */
export async function open(url, { scheme = "light", ready = true } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: scheme,
    reducedMotion: "reduce" });
  const page = await context.newPage();
  page.failures = [];
  page.on("pageerror", (error) => page.failures.push(error.stack));
  page.on("console", (message) => { if (message.type() === "error"
    && !/ERR_CONNECTION|403|40[04]/.test(message.text())) page.failures.push(message.text()); });
  await page.goto(url);
  if (ready) await page.waitForFunction(() => window.locusView?.state.ready && window.locusView.strips.some((s) => s.kind), null,
    { timeout: 15000 });
  return page;
}

/** Waits until what `see` finds in the page (given `window.locusView`) is equal to `expected`, and says what it was if not. */
export async function expect(page, see, expected, what, argument = null) {
  const text = JSON.stringify(expected), end = Date.now() + 8000;
  let found;
  do {
    found = await page.evaluate(`(${see})(window.locusView, ${JSON.stringify(argument)})`).catch((error) => String(error));
    if (JSON.stringify(found) === text) return;
    await page.waitForTimeout(25);
  } while (Date.now() < end);
  const short = (s) => (s?.length > 400 ? `${s.slice(0, 400)}…` : s);
  throw new Error(`${what}: expected ${short(text)}, but the page shows ${short(JSON.stringify(found))}`);
}

export const at = (page, tick) => expect(page, (view) => view.state.tick, tick, "cursor");
