// Bundles the page into one script and one style sheet: node build.mjs [FOLDER]   (default: build/view of the repository)
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../../../build/view"));
mkdirSync(out, { recursive: true });
await build({
  entryPoints: { app: join(here, "src/main.js") },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});
// `--export` puts the script between <script> tags: nothing in it may end them.
const script = readFileSync(join(out, "app.js"), "utf8");
writeFileSync(join(out, "app.js"), script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--"));
copyFileSync(join(here, "index.html"), join(out, "index.html"));
console.log(`page: ${out}`);
