/**
 * Builds dist/ from the sources: `npm run build`. With --check it builds in memory and compares, so that
 * what is committed is what the sources make.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/** Largest sizes in bytes: the loader is in every saved notebook, the panel in every page. */
const LIMITS = { "loader.js": 4 * 1024, "panel.js": 170_000 };

const options = {
  absWorkingDir: here,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "none",
  minify: true,
  target: "es2022",
  write: false,
};

/** The panel's own rules begin with this; one round them all is shorter. */
const ROOT = ".fxlab-panel";

/** Style sheets come in as text. */
const texts = {
  name: "texts",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({ ...options, entryPoints: [path] });
      // Keyframes may not stand within a rule.
      const frames = [];
      const rules = outputFiles[0].text.replace(/@keyframes[^{]*\{([^{}]*\{[^}]*\})*\}/g, (found) => {
        frames.push(found);
        return "";
      });
      const contents = `${frames.join("")}${ROOT}{${rules.replaceAll(ROOT, "&")}}`;
      return { contents, loader: "text" };
    });
  },
};

/**
 * Every widget is a module of its own to the page, evaluated and kept for good. So its text only hands out what the
 * first of its kind on the page made, and its functions are not even compiled again.
 *
 * @param {string} text a module with a default export
 */
function shared(text) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const body = text.replace(/export\{(\w+) as default\};\s*$/, "return $1");
  if (body === text) throw new Error("the loader has no default export");
  return `function make(){${body}}export default(globalThis.__fxlabLoaders??={})["${hash}"]??=make();\n`;
}

const check = process.argv.includes("--check");
let failed = false;

for (const [name, entry] of [
  ["loader.js", "src/loader.js"],
  ["panel.js", "src/index.js"],
]) {
  const { outputFiles } = await build({ ...options, entryPoints: [join(here, entry)], plugins: [texts] });
  const text = name === "loader.js" ? shared(outputFiles[0].text) : outputFiles[0].text;
  const size = Buffer.byteLength(text);
  const target = join(here, "dist", name);
  process.stdout.write(`dist/${name} ${size} bytes\n`);
  if (size > LIMITS[name]) {
    process.stderr.write(`dist/${name} is over its limit of ${LIMITS[name]} bytes\n`);
    failed = true;
  }
  if (check) {
    const committed = await readFile(target, "utf8").catch(() => "");
    if (committed === text) continue;
    process.stderr.write(`dist/${name} is not what the sources build: run "npm run build" and commit it\n`);
    failed = true;
  } else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

process.exitCode = failed ? 1 : 0;
