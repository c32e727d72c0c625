/**
 * The scripts of a live page: this bundle, the programs of its panels and, in a site, the files with the descriptions and the
 * sounds, which lie beside the bundle. The audio thread and the worker load the bundle and the programs too.
 */

/** @type {{ document?: Document, fxlabBundle?: () => void, fxlabBundleUrl?: string, fxlabPrograms?: Record<string, Function>,
 *   fxlabProgramUrls?: Record<string, string | undefined> }} */
const page = globalThis;

/** The address of this bundle, from which those of the other files follow. */
const ownUrl = page.fxlabBundleUrl ?? "";

/** @type {Map<string, Promise<void>>} */
const loaded = new Map();

/** Load a script that lies beside this bundle; once, however often it is asked for. @param {string} name */
export function loadBeside(name) {
  const url = new URL(name, ownUrl).href;
  const loading = loaded.get(url) ?? addScript(url);
  loaded.set(url, loading);
  return loading;
}

/** @param {string} url @returns {Promise<void>} */
function addScript(url) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = () => resolve();
    script.onerror = () => {
      loaded.delete(url);
      reject(new Error(`${url.slice(url.lastIndexOf("/") + 1)} cannot be loaded`));
    };
    script.src = url;
    document.head.append(script);
  });
}

/**
 * Whether other threads cannot load a script from its address: it has none if it stands in the page, and one from the file
 * system belongs to an origin of its own, which no other script shares.
 *
 * @param {string | undefined} url
 */
const isUnusable = (url) => !url || url.startsWith("file:");

/** An address of a script, from its text. A page from the file system can load no blob, but a data URL. @param {string} text */
function urlOf(text) {
  if (location.protocol === "file:") return `data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`;
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** Give the bundle an address from which other threads can load it. */
export function prepareBundle() {
  if (page.fxlabBundle && isUnusable(page.fxlabBundleUrl))
    page.fxlabBundleUrl = urlOf(`(${page.fxlabBundle})()`);
}

/** Return an address from which other threads can load a program. @param {string} id */
export function programUrl(id) {
  const url = page.fxlabProgramUrls?.[id];
  const program = page.fxlabPrograms?.[id];
  if (!program || !isUnusable(url)) return url ?? "";
  return urlOf(`(globalThis.fxlabPrograms??={})[${JSON.stringify(id)}]=${program}`);
}
