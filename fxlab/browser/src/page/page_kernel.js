import { Changes } from "./changes.js";
import { Design } from "./design.js";
import { Drawings } from "./drawings.js";
import { encodeFloatWav } from "./float_wav.js";
import { computeMoments } from "./moments.js";
import { Output } from "./output.js";
import { Settings } from "./settings.js";
import { SoundSender } from "./sound_sender.js";

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
    this.sound = sound;
    this.settings = new Settings(description.spec, description.left_out);
    this.design = new Design(description, program);
    this.drawings = new Drawings(description, this.design, sound, (message, buffers) =>
      model.deliver(message, buffers),
    );
    this.sender = new SoundSender(model, sound);
    const { design, drawings, sender } = this;
    this.output = new Output({ model, program, design, drawings, sound, sender }, () => this.#sendStatus());
    this.changes = new Changes(() => this.#draw());
    this.design.update(0, this.settings.forProgram);
  }

  /** The page has set values. @param {Params} params */
  onParams({ seq, values, views, ...playhead }) {
    this.#seq = seq;
    this.sender.follow(playhead);
    this.drawings.views = views;
    const changed = this.settings.set(values);
    // The sound first: the curves are computed before the next frame is drawn.
    this.design.update(seq, this.settings.forProgram);
    if (changed) this.#sendEditor();
    this.changes.request();
  }

  /** @param {PageMessage} message @param {ArrayBuffer[]} _buffers */
  onMessage(message, _buffers) {
    if (message.type === "ready") {
      this.drawings.onReady(message);
      this.#sendValues();
      this.#sendEditor();
      this.sender.follow(message);
      this.sender.sendInput();
      this.drawings.sendInput(this.#seq);
      this.changes.request();
    } else if (message.type === "axes") {
      this.drawings.axes = message.axes;
      this.drawings.sendInput(this.#seq);
      this.#draw();
    } else if (message.type === "views") {
      this.drawings.views = message.views;
      this.drawings.options = message.options;
      const changed = message.changed ?? message.views;
      this.drawings.sendViews(this.#seq, changed);
      this.output.draw(changed);
    } else if (message.type === "buffered") this.sender.onBuffered(message);
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
    this.drawings.send(this.#seq);
    this.output.request(this.#seq);
    if (this.output.isLive || this.design.problem) this.#sendStatus();
  }

  #sendStatus() {
    const seq = this.#seq;
    const { problem } = this.design;
    if (problem) this.model.deliver({ type: "status", seq, state: "error", ...problem });
    else this.model.deliver({ type: "status", seq, state: "idle", message: "", path: null });
  }

  /** Play the values of the settings, which a command has changed. */
  #apply() {
    this.#revision += 1;
    this.design.update(this.#seq, this.settings.forProgram);
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
      const wav = encodeFloatWav(await this.output.complete(), this.description.spec.rate);
      this.model.deliver({ type: "answer", request, mime: "audio/wav", more: false }, [wav]);
      return;
    }
    if (name === "moments") {
      const { design, drawings, settings } = this;
      const scene = {
        design,
        values: settings.forProgram,
        sound: this.sound,
        frequencies: drawings.frequencies,
      };
      const { moments, buffers } = computeMoments({ start: message.start, seconds: message.seconds }, scene);
      this.model.deliver({ type: "answer", request, moments }, buffers);
      return;
    }
    const error = this.settings.run(name, message);
    this.model.deliver({ type: "answer", request, ...(error ? { error } : {}) });
    this.#sendEditor();
  }
}
