import { OfflineRender } from "./offline_render.js";

/**
 * @import { RenderRequest, RenderResult } from "./offline_render.js"
 * @import { PageProgram } from "./page_program.js"
 * @import { Sound } from "./sound.js"
 */

/** Renders the complete output beside the page, in a worker or, where there is none, in pauses of the page. */
export class Renderer {
  #job = 0;
  /** @type {Worker | null} */ #worker = null;
  /** @type {OfflineRender | null} */ #render = null;
  /** @type {(result: RenderResult) => void} */ #onResult = () => {};

  /** @param {PageProgram} program @param {Sound} sound @param {string} scriptUrl of this bundle */
  constructor(program, sound, scriptUrl) {
    this.program = program;
    this.sound = sound;
    try {
      this.#worker = new Worker(scriptUrl);
      this.#worker.onmessage = ({ data }) => {
        if (data.error) this.#useThisThread();
        else this.#receive(data.job, data.result);
      };
      this.#worker.onerror = () => this.#useThisThread();
      this.#worker.postMessage({ type: "start", program: program.id, url: program.url, sound });
    } catch {
      this.#useThisThread();
    }
  }

  /** The request that a worker could not answer. @type {RenderRequest | null} */ #request = null;

  #useThisThread() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#render = new OfflineRender(this.program.program, this.sound);
    if (this.#request) this.render(this.#request, this.#onResult);
  }

  /** Render, unless another request comes before it is done. @param {RenderRequest} request @param {(result: RenderResult) => void} onResult */
  render(request, onResult) {
    this.#job += 1;
    this.#request = request;
    this.#onResult = onResult;
    const job = this.#job;
    if (this.#worker) {
      this.#worker.postMessage({ type: "render", job, request });
      return;
    }
    const work = /** @type {OfflineRender} */ (this.#render).run(request);
    const step = () => {
      if (job !== this.#job) return;
      const { done, value } = work.next();
      if (done) this.#receive(job, value);
      else setTimeout(step);
    };
    setTimeout(step);
  }

  /** Drop the work in progress. */
  cancel() {
    this.#job += 1;
    this.#request = null;
  }

  /** @param {number} job @param {RenderResult} result */
  #receive(job, result) {
    if (job !== this.#job) return;
    this.#request = null;
    this.#onResult(result);
  }
}
