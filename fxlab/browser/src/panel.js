import { formatTime } from "./controls/format.js";
import { ChainView } from "./ui/chain_view.js";
import { element, setAttribute, setText } from "./ui/dom.js";
import { EditorBar } from "./ui/editor_bar.js";
import { Files } from "./ui/files.js";
import { shortcutHandler } from "./ui/shortcuts.js";
import { Tabs } from "./ui/tabs.js";
import { Transport } from "./ui/transport.js";
import { Theme } from "./views/drawing/theme.js";
import { Handles } from "./views/handles/handles.js";
import { LiveSpectrumView } from "./views/live_spectrum_view.js";
import { ResponseView } from "./views/response_view.js";
import { TapsView } from "./views/taps_view.js";
import { VIEW_TYPES } from "./views/view_types.js";
import { WaveformOverview } from "./views/waveform_overview.js";

/** @import { Session, Topic } from "./kernel/session.js" */
/** @import { Control } from "./controls/slider.js" */
/** @import { Param } from "./types" */
/** @import { View } from "./views/view_types.js" */

/** @param {number} channels */
const channelNames = (channels) => ["", "mono", "stereo"][channels] ?? `${channels} channels`;

/** In ms: how long after new sound its waveform is drawn. */
const WAVE_LAG = 100;

/** One view of a session: builds the panel into an element and keeps it true. */
export class Panel {
  /** @type {Map<string, Control>} */ #controls = new Map();
  /** @type {ResponseView | null} */ #response = null;
  /** @type {LiveSpectrumView | null} */ #live = null;
  /** @type {Handles | null} */ #handles = null;
  /** What has the focus in a pane while that is built anew. @type {{ view: string, action: string | undefined, place: number } | null} */
  #held = null;
  /** @type {TapsView | null} */ #taps = null;
  /** Those beside the magnitude that are open. @type {Map<string, View>} */ #views = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #waveTimer;

  /** @param {Session} session @param {HTMLElement} el */
  constructor(session, el) {
    this.session = session;
    this.root = element("div", {
      class: "fxlab-panel",
      role: "group",
      "aria-label": session.spec.title,
      "data-lm-suppress-shortcuts": "true",
      // A click on a plot or between the controls brings the shortcutHandler here too.
      tabindex: -1,
    });
    this.root.addEventListener("keydown", shortcutHandler(session));
    el.append(this.root);
    this.theme = new Theme(this.root, () => this.#repaint());
    this.files = new Files(session, this.root);
    this.transport = new Transport(session, this.files);
    this.alert = element("div", { class: "strip error", role: "alert", hidden: true });
    this.notice = element("div", { class: "strip notice", role: "status", hidden: true });
    const waveContainer = element("div", { class: "waveform-overview" });
    this.wave = new WaveformOverview(waveContainer, this.theme.palette, {
      dry: session.sound.dry,
      wet: session.sound.wet,
      duration: () => session.sound.duration,
      seek: (seconds) => session.sound.seek(seconds),
      select: (start, end) => session.sound.select(start, end),
    });
    this.elapsed = element("span", { class: "elapsed" });
    this.total = element("span", { class: "total" });
    this.plot = element("div", { class: "plot" });
    this.magnitude = element("div", { class: "pane", "data-view": "magnitude" }, this.plot);
    this.panes = element("div", { class: "panes" }, this.magnitude);
    this.tabs = new Tabs((views) => session.setViews(views));
    // Over the plot, so that nothing moves away under the hand that caused it.
    this.viewArea = element("div", { class: "views" }, this.tabs.root, this.panes, this.alert);
    this.editorBar = new EditorBar(session);
    this.chain = new ChainView(session);
    this.root.append(
      this.transport.root,
      this.notice,
      this.files.recordingStrip,
      this.viewArea,
      element("div", { class: "timeline" }, this.elapsed, waveContainer, this.total),
      this.editorBar.root,
      this.chain.root,
    );
    this.root.addEventListener("keydown", (event) => this.editorBar.onKey(event));
    this.silence = session.listen((topic) => this.#on(topic));
    this.#build();
    for (const topic of /** @type {Topic[]} */ ([
      "drawing",
      "editor",
      "status",
      "curves",
      "wave",
      "transport",
      "position",
    ]))
      this.#on(topic);
    // The element is put into the page after this call, and only then has colours.
    requestAnimationFrame(() => this.theme.read());
    this.theme.read();
  }

  close() {
    clearTimeout(this.#waveTimer);
    this.silence();
    this.theme.close();
    this.#handles?.close();
    this.#live?.close();
    this.#response?.close();
    this.#taps?.close();
    for (const view of this.#views.values()) view.close();
    this.wave.close();
    this.editorBar.close();
    this.chain.close();
    this.transport.close();
    this.files.close();
    this.root.remove();
  }

  /** What depends on the chain: controls, and whether there is a response to draw. */
  #build() {
    const { session } = this;
    const focused = this.root.ownerDocument.activeElement;
    const pane = this.panes.contains(focused) ? focused?.closest("[data-view]") : null;
    if (pane && focused instanceof HTMLElement) {
      const place = [...pane.querySelectorAll(".root-handle:not([hidden])")].indexOf(focused);
      this.#held = { view: pane.getAttribute("data-view") ?? "", action: focused.dataset.action, place };
    }
    const { spec } = session;
    this.root.setAttribute("aria-label", spec.title);
    this.root.dataset.hasOutput = String(spec.has_output);
    this.root.dataset.takesInput = String(spec.takes_input);
    this.root.dataset.standalone = String(spec.standalone);
    this.transport.describe(
      spec.has_output ? `${spec.rate / 1000} kHz · ${channelNames(spec.channels)}` : "",
    );
    this.#controls = this.chain.build();
    this.#handles?.close();
    this.#live?.close();
    this.#response?.close();
    this.plot.replaceChildren();
    this.#response = new ResponseView(this.plot, this.theme.palette, session, (seq) => {
      this.root.dataset.drawn = String(seq);
      this.#handles?.place(session.values);
    });
    this.magnitude.prepend(this.#response.readout.root);
    this.#response.restyle();
    this.#live = new LiveSpectrumView(this.#response, this.theme.palette, session);
    this.#handles = new Handles(this.#response, spec.stages, (path, value) => session.set(path, value, true));
    this.#taps?.close();
    this.#taps = spec.has_taps ? new TapsView(this.theme.palette) : null;
    if (this.#taps) this.magnitude.append(this.#taps.root);
    for (const view of this.#views.values()) view.close();
    this.#views.clear();
    this.tabs.setViews(spec.views);
    this.#on("views");
    this.#on("curves");
    this.#on("values");
    this.#on("device");
  }

  /** What had the focus in a pane that was built anew has it again, or what stands in its place. */
  #refocus() {
    const held = this.#held;
    const { activeElement: focused, body } = this.root.ownerDocument;
    const pane = held && this.panes.querySelector(`[data-view="${CSS.escape(held.view)}"]`);
    if (!held || !pane || (focused !== body && !focused?.matches(".plot"))) return;
    const roots = [...pane.querySelectorAll(".root-handle:not([hidden])")];
    const found = held.action ? pane.querySelector(`[data-action="${held.action}"]`) : roots.at(held.place);
    const drawn = this.session.drawings.has(held.view);
    const next =
      (held.action || held.place >= 0 ? (found ?? roots.at(-1)) : null) ?? pane.querySelector(".plot");
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
    if (drawn || found) this.#held = null;
  }

  #repaint() {
    this.#response?.restyle();
    this.#taps?.restyle();
    for (const view of this.#views.values()) view.restyle();
    this.wave.invalidate();
  }

  /** Open and close views as the tabs say. */
  #showViews() {
    const { session } = this;
    const open = session.views;
    for (const [name, view] of this.#views) {
      if (open.includes(name)) continue;
      view.close();
      this.#views.delete(name);
    }
    for (const { name, label, kind } of session.spec.views) {
      if (!open.includes(name) || this.#views.has(name) || !VIEW_TYPES[kind]) continue;
      const view = new VIEW_TYPES[kind](this.theme.palette, { name, label }, session);
      this.#views.set(name, view);
    }
    this.magnitude.hidden = !open.includes("magnitude");
    this.panes.dataset.count = String(open.length);
    const panes = open.map((name) => (name === "magnitude" ? this.magnitude : this.#views.get(name)?.root));
    this.panes.append(...panes.filter((pane) => pane !== undefined));
    // Only in the page do they have a font.
    for (const view of this.#views.values()) view.restyle();
    this.tabs.setOpen(open);
    this.#on("drawing");
  }

  /** @param {Topic} topic */
  #on(topic) {
    const { session, root } = this;
    if (topic === "spec") this.#build();
    else if (topic === "views") this.#showViews();
    else if (topic === "axes") this.#repaint();
    else if (topic === "editor") {
      this.editorBar.update();
      this.chain.update();
    } else if (topic === "drawing") {
      for (const [name, view] of this.#views) {
        const drawing = session.drawings.get(name);
        if (drawing) view.show(drawing);
      }
      this.#refocus();
    } else if (topic === "values") {
      for (const [path, control] of this.#controls) {
        const value = session.values[path];
        if (value !== undefined) control.setValue(value);
      }
      for (const { params } of session.spec.stages) for (const param of params) this.#conceal(param);
      this.#handles?.place(session.values);
    } else if (topic === "curves") {
      if (session.curves) {
        this.#response?.show(session.curves);
        this.#taps?.show(session.curves);
      }
    } else if (topic === "wave") this.#showWave();
    else if (topic === "position") {
      root.dataset.position = session.sound.position.toFixed(4);
      this.wave.showPosition(session.sound.position);
      for (const view of this.#views.values()) view.position?.();
      setText(this.elapsed, formatTime(session.sound.position));
      this.transport.updateMeters();
      this.#live?.update();
    } else if (topic === "status") this.#showStatus();
    else {
      const { mode, selection } = session.sound.listening;
      setAttribute(root, "data-mode", mode);
      this.wave.showSelection(selection);
      this.#live?.update();
      this.transport.update();
    }
  }

  /** A control that means nothing beside a choice is not there. @param {Param} param */
  #conceal({ path, shown_when: condition }) {
    const control = this.#controls.get(path);
    if (!control || !condition) return;
    const hidden = !condition.values.includes(String(this.session.values[condition.path]));
    if (control.root.hidden !== hidden) control.root.hidden = hidden;
  }

  /** The picture of the sound may lag: while a hand moves, the page has better things to do. */
  #showWave() {
    const total = formatTime(this.session.sound.duration);
    setText(this.total, total);
    const width = `${total.length}ch`;
    if (this.elapsed.style.width !== width) this.elapsed.style.width = width;
    this.#waveTimer ??= setTimeout(() => {
      this.#waveTimer = undefined;
      this.wave.invalidate();
    }, WAVE_LAG);
  }

  #showStatus() {
    const { session, root } = this;
    setAttribute(root, "data-state", session.state);
    setAttribute(root, "data-sent", String(session.sent));
    setAttribute(root, "data-late", String(session.sound.reportDelay));
    setAttribute(root, "data-playing", String(session.sound.playingSeq));
    const { error, active } = session.notices;
    // Only when it differs, so that a screen reader says it once.
    setText(this.alert, error?.message ?? "");
    if (this.alert.hidden === Boolean(error)) this.alert.hidden = !error;
    for (const [path, control] of this.#controls) control.setInvalid(error?.path === path);
    setText(this.notice, active.join(" "));
    if (this.notice.hidden === active.length > 0) this.notice.hidden = active.length === 0;
    this.transport.update();
  }
}
