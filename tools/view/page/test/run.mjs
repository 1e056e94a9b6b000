// Runs the tests of the page in Chromium: node test/run.mjs [NAME...]   (trace, why, diff, live, export, failures)
import { closeBrowser } from "./harness.mjs";

const names = process.argv.length > 2 ? process.argv.slice(2) : ["trace", "why", "diff", "live", "export", "failures"];
let failed = 0;
for (const name of names) {
  const tests = await import(`./${name}.mjs`);
  for (const [title, test] of Object.entries(tests)) {
    const begun = Date.now();
    try {
      await test();
      console.log(`ok    ${name}: ${title} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
    } catch (error) {
      ++failed;
      console.log(`FAIL  ${name}: ${title}\n      ${error.stack}`);
    }
  }
}
await closeBrowser();
console.log(failed ? `${failed} failed` : "all passed");
process.exit(failed ? 1 : 0);
