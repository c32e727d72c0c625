import { Playback } from "../audio/playback.js";
import { Notices } from "../ui/notices.js";
import { Connection } from "./connection.js";
import { decodeView } from "./decode_view.js";
import { DeferredUpdate } from "./deferred_update.js";
import { KERNEL_NOTICES } from "./kernel_state.js";
import { mergeCurves } from "./merge_curves.js";
import { Movement } from "./movement.js";
import { RenderProgress } from "./render_progress.js";
import { compareSounds, NO_EDITS, NO_LEARNING, valuesOf } from "./spec.js";

/**
 * @import { Answer, AxisRange, Buffers, CommandFields, Curves, CurvesMessage, KernelMessage, Model, QueryFields, Spec,
 *   StatusMessage, Value, ValueRange, Values, ValuesMessage, ViewData, ViewMessage, ViewOptions } from "../types"
 * @import { LiveModule } from "../audio/messages"
 * @import { KernelStatus } from "./kernel_state.js"
 */

/** How long the drawing of a value waits for the curve that belongs to it, in ms. */
const CURVE_WAIT = 35;

/**
 * What has changed, for a session's listeners.
 * @typedef {"spec" | "values" | "status" | "curves" | "views" | "axes" | "drawing" | "wave" | "transport" | "position" | "movement"
 *   | "device" | "editor"} Topic
 */

/** One panel in one page: the state that all its views share. It exists from its first view to its last. */
export class Session {
  render = new RenderProgress();
  /** @type {Values} */ values = {};
  /** @type {Curves | null} */ curves = null;
  /** The curves before the stages changed. @type {Curves | null} */ #previousCurves = null;
  editor = NO_EDITS;
  learning = NO_LEARNING;
  /** The revision of the values that the kernel sent last. */ revision = 0;
  /** The paths of changed values that are not sent yet. @type {Set<string>} */ #unsent = new Set();
  /** What the open views draw, by name. @type {Map<string, ViewData>} */ drawings = new Map();
  /** The visible range of each axis, by unit; all views with such an axis share it. @type {Record<string, AxisRange>} */
  axes = {};
  /** The options of each view, by name. @type {ViewOptions} */ options = {};

  notices = new Notices((topic) => this.#notify(topic));

  /** Has the changed values drawn. */ #valuesUpdate = new DeferredUpdate(
    () => this.#notify("values"),
    CURVE_WAIT,
  );
  /** @type {Set<(topic: Topic) => void>} */ #listeners = new Set();

  /**
   * @param {Model} model
   * @param {LiveModule | null} [live] the compiled module that plays, in a page without a kernel
   * @param {number} [headingLevel] the level of the headings of the stages
   */
  constructor(model, live = null, headingLevel = 4) {
    this.headingLevel = headingLevel;
    this.model = model;
    /** @type {Spec} */
    this.spec = model.get("spec");
    this.device = this.spec.device;
    this.views = this.spec.open_views;
    this.values = valuesOf(this.spec);
    this.sound = new Playback({
      spec: () => this.spec,
      isIdle: () => ["idle", "error"].includes(this.render.state),
      requestAudio: (wetAhead, dryAhead) => this.connection.sendBuffered(wetAhead, dryAhead),
      notices: this.notices,
      notify: (topic) => this.#notify(topic),
      live,
    });
    this.connection = new Connection(model, {
      getParams: () => ({
        values: { ...this.values },
        ...this.sound.place,
        device: this.device,
        views: this.views,
        revision: this.revision,
      }),
      getViews: () => ({ views: this.views, options: this.options, axes: this.axes }),
      getPlayhead: () => this.sound.place,
      onMessage: (message, buffers) => this.#onMessage(message, buffers),
      onSpec: this.#onSpec,
      onSent: (seq) => this.#onSent(seq),
      onKernelStatus: (status) => this.#onKernelStatus(status),
    });
    this.movement = new Movement(this, () => this.#notify("movement"));
    this.connection.sendReady();
    addEventListener("pagehide", this.#onPageHide);
  }

  /** The last sequence number that was sent. */
  get sent() {
    return this.connection.seq;
  }

  /** @param {(topic: Topic) => void} listener @returns {() => void} removes the listener */
  listen(listener) {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  get hasListeners() {
    return this.#listeners.size > 0;
  }

  /** @param {Topic} topic */
  #notify(topic) {
    for (const listener of [...this.#listeners]) listener(topic);
  }

  // -- what the user does -------------------------------------------------------------------------------------

  /**
   * Set a value. A slider shows its own value at once; what is drawn for it waits for the curve, so that the page is free
   * to handle the sound. With `immediate`, for something drawn that the pointer moves, it is drawn in the next frame.
   *
   * @param {string} path @param {Value} value
   */
  set(path, value, immediate = false) {
    if (!(path in this.values)) return; // it moves
    this.values[path] = value;
    this.#unsent.add(path);
    this.movement.onValues();
    this.connection.sendValues();
    this.#valuesUpdate.request(immediate);
  }

  /**
   * Change what is played, other than by a value; see docs/panel-protocol.md.
   *
   * @template {keyof CommandFields} N
   * @param {N} name @param {CommandFields[N]} [fields]
   */
  command(name, fields = /** @type {CommandFields[N]} */ ({})) {
    this.connection.sendCommand(name, fields);
  }

  /**
   * Ask the kernel something that does not change what is played; see docs/panel-protocol.md.
   *
   * @template {keyof QueryFields} N
   * @param {N} name @param {QueryFields[N]} [fields] @param {ArrayBuffer[]} [buffers]
   * @returns {Promise<Answer | null>} the answer, or null after an error, which is shown
   */
  async query(name, fields = /** @type {QueryFields[N]} */ ({}), buffers = []) {
    const answer = await this.connection.sendQuery(name, fields, buffers);
    if (!answer.error) return answer;
    this.notices.showError(answer.error);
    return null;
  }

  /** Open these views, the first on the left, and close the others. @param {string[]} views */
  setViews(views) {
    this.views = views;
    this.connection.sendViews();
    this.#notify("views");
  }

  /**
   * Have an open view drawn with other options, such as another part or scale.
   *
   * @param {string} view @param {Record<string, unknown>} options
   */
  setViewOptions(view, options) {
    this.options = { ...this.options, [view]: { ...this.options[view], ...options } };
    this.connection.sendViews(view);
  }

  /**
   * Set the visible range of an axis, or its scale, in every view that has it.
   *
   * @param {string} unit @param {ValueRange | null} range null: the full range
   * @param {AxisRange["scale"]} [scale]
   */
  setAxis(unit, range, scale = this.axes[unit]?.scale) {
    this.axes = { ...this.axes, [unit]: { ...range, ...(scale && { scale }) } };
    this.connection.sendAxes();
    this.movement.onValues();
    this.#notify("axes");
  }

  /** @param {string} device */
  setDevice(device) {
    this.device = device;
    this.connection.sendValues();
    this.#notify("device");
  }

  close() {
    removeEventListener("pagehide", this.#onPageHide);
    this.#valuesUpdate.cancel();
    this.notices.close();
    this.movement.close();
    this.connection.close();
    this.sound.close();
  }

  #onPageHide = (/** @type {PageTransitionEvent} */ event) => {
    // A page that the back button may bring back keeps its panels.
    if (!event.persisted) this.close();
  };

  // -- what the connection reports ----------------------------------------------------------------------------

  /** @param {number} seq */
  #onSent(seq) {
    this.#unsent.clear();
    this.sound.onChangeSent(seq);
    this.render.onSent(this.notices.active.includes(KERNEL_NOTICES.silent));
    this.#notify("status");
  }

  /** @param {KernelStatus} status */
  #onKernelStatus(status) {
    this.notices.remove(KERNEL_NOTICES.gone, KERNEL_NOTICES.silent);
    if (status !== "available") this.notices.add(KERNEL_NOTICES[status]);
    this.render.onKernelStatus(status, this.sent, this.notices.error !== null);
    this.#notify("status");
  }

  #onSpec = () => {
    const before = this.spec;
    this.spec = this.model.get("spec");
    const change = compareSounds(before, this.spec);
    if (change) {
      // The notices of the player were about the previous sound.
      this.notices.retain(KERNEL_NOTICES.gone, KERNEL_NOTICES.silent);
      this.sound.restart(change === "format");
    }
    this.device = this.spec.device;
    this.views = this.views.filter((name) => this.spec.views.some((view) => view.name === name));
    if (this.views.length === 0) this.views = this.spec.open_views;
    this.drawings.clear();
    this.#previousCurves = this.curves ?? this.#previousCurves;
    this.curves = null;
    this.revision = this.spec.revision ?? this.revision;
    this.values = valuesOf(this.spec);
    this.movement.onSpec();
    this.#notify("spec");
  };

  /** @param {KernelMessage} message @param {Buffers} buffers */
  #onMessage(message, buffers) {
    if (message.type === "audio") this.sound.addChunk(message, buffers);
    else if (message.type === "curves") this.#onCurves(message, buffers);
    else if (message.type === "view") this.#onView(message, buffers);
    else if (message.type === "match") this.sound.setMatchGain(message.seq, message.match_gain_db);
    else if (message.type === "overview") this.sound.setOverview(message, buffers);
    else if (message.type === "status") this.#onStatus(message);
    else if (message.type === "values") this.#onValues(message);
    else if (message.type === "editor" || message.type === "learning") {
      if (message.type === "editor") this.editor = message;
      else this.learning = message;
      this.#notify("editor");
    }
  }

  /** @param {ValuesMessage} message */
  #onValues({ seq, values, revision, request_params: requestParams }) {
    // Values that this page has overwritten since are already on their way to the kernel.
    if (seq < this.sent) return;
    this.connection.seq = seq;
    this.revision = revision ?? this.revision;
    for (const path in values) {
      if (path in this.values && !this.#unsent.has(path)) this.values[path] = values[path];
    }
    this.movement.onValues();
    this.#notify("values");
    this.#notify("status");
    // What Python has set is rendered from where this page plays.
    if (requestParams) this.connection.sendValues();
  }

  /** @param {StatusMessage} status */
  #onStatus(status) {
    if (!this.render.onStatus(status, this.sent)) return;
    const { state, message, path } = status;
    if (state === "error") this.notices.error = { message, path };
    if (state === "error" && this.sound.wet.frames === 0) this.sound.listening.setInputOnly(true);
    else if (this.render.state === "idle") this.notices.error = null;
    this.#notify("status");
  }

  /** @param {ViewMessage} message @param {Buffers} buffers */
  #onView(message, buffers) {
    this.drawings.set(message.view, decodeView(message, buffers));
    this.#notify("drawing");
  }

  /** @param {CurvesMessage} message @param {Buffers} buffers */
  #onCurves(message, buffers) {
    this.curves = mergeCurves(message, buffers, this.curves, this.#previousCurves);
    this.#valuesUpdate.flush();
    this.#notify("curves");
  }
}
