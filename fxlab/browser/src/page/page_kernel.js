import { Changes } from "./changes.js";
import { Design } from "./design.js";
import { Drawings } from "./drawings.js";
import { InputSender } from "./input_sender.js";
import { Settings } from "./settings.js";

/**
 * @import { CommandMessage, PageMessage, Params, QueryMessage } from "../types"
 * @import { Description } from "./description"
 * @import { PageModel } from "./page_model.js"
 * @import { PageProgram } from "./page_program.js"
 * @import { Sound } from "./sound.js"
 */

/**
 * The kernel of a page without one: it answers the messages of docs/panel-protocol.md, with a compiled module in the place of
 * Python. Commands and queries that need Python are answered with an error.
 */
export class PageKernel {
  #seq = 0;
  #revision = 0;

  /** @param {PageModel} model @param {Description} description @param {PageProgram} program @param {Sound} sound */
  constructor(model, description, program, sound) {
    this.model = model;
    this.description = description;
    this.settings = new Settings(description.spec);
    this.design = new Design(description, program);
    this.drawings = new Drawings(description, this.design, sound, (message, buffers) =>
      model.deliver(message, buffers),
    );
    this.input = new InputSender(model, sound);
    this.changes = new Changes(() => this.#draw());
    this.design.update(0, this.settings.values);
  }

  /** The page has set values. @param {Params} params */
  onParams({ seq, values, views }) {
    this.#seq = seq;
    this.drawings.views = views;
    const changed = this.settings.set(values);
    // The sound first: the curves are computed before the next frame is drawn.
    this.design.update(seq, this.settings.values);
    if (changed) this.#sendEditor();
    this.changes.request();
  }

  /** @param {PageMessage} message @param {ArrayBuffer[]} _buffers */
  onMessage(message, _buffers) {
    if (message.type === "ready") {
      this.drawings.onReady(message);
      this.#sendValues();
      this.#sendEditor();
      this.input.start(message);
      this.drawings.sendInput(this.#seq);
      this.changes.request();
    } else if (message.type === "axes") {
      this.drawings.axes = message.axes;
      this.drawings.sendInput(this.#seq);
      this.#draw();
    } else if (message.type === "views") {
      this.drawings.views = message.views;
      this.drawings.options = message.options;
      this.drawings.sendViews(this.#seq, message.changed ?? message.views);
    } else if (message.type === "buffered") this.input.onBuffered(message);
    else if (message.type === "command") this.#onCommand(message);
    else if (message.type === "query") this.#onQuery(message);
    else if (message.type === "ping") this.model.deliver({ type: "pong" });
  }

  /** The spec with the present values, for a picture. */
  get currentSpec() {
    const { spec } = this.description;
    const values = this.settings.values;
    const stages = spec.stages.map((stage) => {
      return {
        ...stage,
        params: stage.params.map((param) => ({ ...param, value: values[param.path] ?? param.value })),
      };
    });
    return { ...spec, stages, preview: this.drawings.preview ?? spec.preview };
  }

  /** Draw what depends on the values, and say that the render is done. */
  #draw() {
    const seq = this.#seq;
    const { problem } = this.design;
    this.drawings.send(seq);
    if (problem) this.model.deliver({ type: "status", seq, state: "error", ...problem });
    else this.model.deliver({ type: "status", seq, state: "idle", message: "", path: null });
  }

  /** Play the values of the settings, which a command has changed. */
  #apply() {
    this.#revision += 1;
    this.design.update(this.#seq, this.settings.values);
    this.#sendValues();
    this.#sendEditor();
    this.changes.request();
  }

  #sendValues() {
    const values = { ...this.settings.values };
    const rest = { seq: this.#seq, revision: this.#revision, request_params: false };
    this.model.deliver({ type: "values", values, ...rest });
  }

  #sendEditor() {
    this.model.deliver({ type: "editor", ...this.settings.state });
  }

  /** @param {CommandMessage & Record<string, any>} message */
  #onCommand(message) {
    this.#seq = message.seq;
    const error = this.settings.run(message.name, message);
    if (error) {
      this.model.deliver({ type: "status", seq: message.seq, state: "error", message: error, path: null });
    } else this.#apply();
  }

  /** @param {QueryMessage & Record<string, any>} message */
  async #onQuery(message) {
    const { name, request } = message;
    if (name === "download" && message.format === "wav") {
      const { mime, buffer } = await this.drawings.downloadWav();
      this.model.deliver({ type: "answer", request, mime, more: false }, [buffer]);
      return;
    }
    const error = this.settings.run(name, message);
    this.model.deliver({ type: "answer", request, ...(error ? { error } : {}) });
    this.#sendEditor();
  }
}
