/**
 * Builds dist/ from the sources: `npm run build`. With --check it builds in memory, and fails if the committed files
 * differ from the result.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The largest sizes in bytes: every saved notebook contains the loader, every page loads the panel, and every live page
 * contains the panel with its kernel. The engine is in every audio worklet that is exported.
 */
const LIMITS = { "loader.js": 4 * 1024, "panel.js": 195_000, "page.js": 280_000, "engine.js": 28_000 };

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

/** The selector with which all rules of the panel begin. One nested rule around them takes fewer bytes. */
const ROOT = ".fxlab-panel";

/** An esbuild plugin that imports style sheets as minified text. */
const cssAsText = {
  name: "css-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({ ...options, entryPoints: [path] });
      if (path.endsWith("page.css")) return { contents: outputFiles[0].text, loader: "text" };
      // Keyframes are not allowed within a rule.
      const keyframes = [];
      const rules = outputFiles[0].text.replace(/@keyframes[^{]*\{([^{}]*\{[^}]*\})*\}/g, (match) => {
        keyframes.push(match);
        return "";
      });
      const contents = `${keyframes.join("")}${ROOT}{${rules.replaceAll(ROOT, "&")}}`;
      return { contents, loader: "text" };
    });
  },
};

/**
 * Wrap a module so that all its copies on a page share the default export of the first one. A page evaluates the module of
 * every widget separately and never releases it. Because of the wrapper, only one copy runs; in the others the functions
 * are not even compiled.
 *
 * @param {string} text a module with a default export
 */
function shareOnPage(text) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const body = text.replace(/export\{(\w+) as default\};\s*$/, "return $1");
  if (body === text) throw new Error("the loader has no default export");
  return `function make(){${body}}export default(globalThis.__fxlabLoaders??={})["${hash}"]??=make();\n`;
}

/**
 * Wrap the script of a live page in a function, whose text is the whole script: a page from the file system gives it to the
 * audio thread and to the worker, which may not load the file.
 *
 * @param {string} text
 */
function asFunction(text) {
  return `globalThis.fxlabBundle=function(){${text}};globalThis.fxlabBundle();\n`;
}

/**
 * The options of a live page's script, which is not a module: a page from the file system may not load modules. It notes its
 * own address, since the audio thread and the worker load it too.
 */
const pageOptions = {
  banner: { js: "globalThis.fxlabBundleUrl=globalThis.document?.currentScript?.src;" },
  define: { "import.meta.url": "globalThis.fxlabBundleUrl" },
  format: "iife",
};

const isCheck = process.argv.includes("--check");
let hasFailed = false;

for (const [name, entry] of [
  ["loader.js", "src/loader.js"],
  ["panel.js", "src/index.js"],
  ["page.js", "src/page/index.js"],
  ["engine.js", "src/engine/index.js"],
]) {
  const own =
    { "page.js": pageOptions, "engine.js": { format: "iife", globalName: "fxlabEngine" } }[name] ?? {};
  const entryPoints = [join(here, entry)];
  const { outputFiles } = await build({ ...options, ...own, entryPoints, plugins: [cssAsText] });
  const wrap = { "loader.js": shareOnPage, "page.js": asFunction }[name] ?? String;
  const text = wrap(outputFiles[0].text);
  const size = Buffer.byteLength(text);
  const target = join(here, "dist", name);
  process.stdout.write(`dist/${name} ${size} bytes\n`);
  if (size > LIMITS[name]) {
    process.stderr.write(`dist/${name} exceeds its limit of ${LIMITS[name]} bytes\n`);
    hasFailed = true;
  }
  if (isCheck) {
    const committed = await readFile(target, "utf8").catch(() => "");
    if (committed === text) continue;
    process.stderr.write(
      `dist/${name} differs from what the sources build: run "npm run build" and commit it\n`,
    );
    hasFailed = true;
  } else {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

process.exitCode = hasFailed ? 1 : 0;
