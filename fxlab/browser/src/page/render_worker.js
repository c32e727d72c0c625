import { OfflineRender } from "./offline_render.js";
import { findProgram } from "./programs.js";

/** @import { RenderRequest } from "./offline_render.js" */
/** @import { Sound } from "./sound.js" */

/**
 * @typedef {{ type: "start", program: string, url: string, sound: Sound }
 *   | { type: "render", job: number, request: RenderRequest }} WorkerMessage
 */

/** The global scope of a worker. */
const worker = /** @type {any} */ (globalThis);

/** Render in a worker, the newest request only. */
function serve() {
  /** @type {OfflineRender | null} */
  let render = null;
  let newest = 0;
  const pause = new MessageChannel();
  const nextTask = () =>
    new Promise((done) => {
      pause.port1.onmessage = done;
      pause.port2.postMessage(null);
    });
  const receive = async (/** @type {MessageEvent<WorkerMessage>} */ { data }) => {
    if (data.type === "start") {
      // In a page of two files the program is in the same script as this code.
      if (!worker.fxlabPrograms?.[data.program]) worker.importScripts(data.url);
      render = new OfflineRender(findProgram(data.program), data.sound);
      return;
    }
    if (!render) throw new Error("the worker has no program");
    newest = data.job;
    const work = render.run(data.request);
    for (;;) {
      // Requests that arrived during the last step come first, because the next one may compute the complete sound.
      await nextTask();
      if (newest !== data.job) return;
      const { done, value } = work.next();
      if (done) {
        const buffers = value.output.map(({ buffer }) => buffer);
        worker.postMessage({ job: data.job, result: value }, buffers);
        return;
      }
    }
  };
  worker.onmessage = (/** @type {MessageEvent<WorkerMessage>} */ event) => {
    // The page then does without a worker, and reports what fails there too.
    receive(event).catch((error) => worker.postMessage({ error: String(error) }));
  };
}

if (typeof worker.importScripts === "function" && !worker.fxlabIsServing) {
  worker.fxlabIsServing = true;
  serve();
}
