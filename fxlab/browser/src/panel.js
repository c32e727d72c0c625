import { describeChannels, formatTime } from "./controls/format.js";
import { allParams } from "./kernel/spec.js";
import { ChainView } from "./ui/chain_view.js";
import { element, setAttribute, setText } from "./ui/dom.js";
import { EditorBar } from "./ui/editor_bar.js";
import { Files } from "./ui/files.js";
import { PaneFocus } from "./ui/pane_focus.js";
import { separateKeys } from "./ui/panel_keys.js";
import { shortcutHandler } from "./ui/shortcuts.js";
import { Tabs } from "./ui/tabs.js";
import { Transport } from "./ui/transport.js";
import { AutomationLanes } from "./views/automation_lanes.js";
import { Theme } from "./views/drawing/theme.js";
import { Handles } from "./views/handles/handles.js";
import { LiveSpectrumView } from "./views/live_spectrum_view.js";
import { OpenViews } from "./views/open_views.js";
import { ResponseView } from "./views/response_view.js";
import { TapsView } from "./views/taps_view.js";
import { WaveformOverview } from "./views/waveform_overview.js";

/** @import { Session, Topic } from "./kernel/session.js" */
/** @import { Control } from "./controls/slider.js" */
/** @import { Param } from "./types" */

/** How long after the arrival of a chunk the waveform is drawn, in ms. */
const WAVEFORM_DELAY = 100;

/** One view of a session: the panel in an element of the page, which follows the state of the session. */
export class Panel {
  /** @type {Map<string, Control>} */ #controls = new Map();
  /** @type {ResponseView | null} */ #response = null;
  /** @type {LiveSpectrumView | null} */ #liveSpectrum = null;
  /** @type {Handles | null} */ #handles = null;
  /** @type {TapsView | null} */ #taps = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #waveformTimer;

  /** @param {Session} session @param {HTMLElement} el */
  constructor(session, el) {
    this.session = session;
    this.root = element("div", {
      class: "fxlab-panel",
      role: "group",
      "aria-label": session.spec.title,
      // So that a click on a plot or between the controls focuses the panel, and the shortcuts work.
      tabindex: -1,
    });
    this.root.addEventListener("keydown", shortcutHandler(session));
    el.append(this.root);
    this.theme = new Theme(this.root, () => this.#repaint());
    this.files = new Files(session, this.root);
    this.transport = new Transport(session, this.files);
    this.alert = element("div", { class: "strip error", role: "alert", hidden: true });
    this.notice = element("div", { class: "strip notice", role: "status", hidden: true });
    const waveformContainer = element("div", { class: "waveform-overview" });
    this.waveform = new WaveformOverview(waveformContainer, this.theme.palette, {
      dry: session.sound.dry,
      wet: session.sound.wet,
      duration: () => session.sound.duration,
      seek: (seconds) => session.sound.seek(seconds),
      select: (start, end) => session.sound.select(start, end),
    });
    this.lanes = new AutomationLanes(session, this.theme.palette);
    this.elapsed = element("span", { class: "elapsed" });
    this.total = element("span", { class: "total" });
    this.plot = element("div", { class: "plot" });
    this.magnitude = element("div", { class: "pane", "data-view": "magnitude" }, this.plot);
    this.panes = element("div", { class: "panes" }, this.magnitude);
    this.openViews = new OpenViews(session, this.theme.palette);
    this.paneFocus = new PaneFocus(this.panes, session);
    this.tabs = new Tabs((views) => session.setViews(views));
    // The alert lies over the plot, so that the controls do not move when it appears.
    this.viewArea = element("div", { class: "views" }, this.tabs.root, this.panes, this.alert);
    this.editorBar = new EditorBar(session, this.files);
    this.chain = new ChainView(session);
    this.root.append(
      this.transport.root,
      this.notice,
      this.files.recordingStrip,
      this.viewArea,
      element("div", { class: "timeline" }, this.elapsed, waveformContainer, this.total, this.lanes.root),
      this.editorBar.root,
      this.chain.root,
    );
    this.root.addEventListener("keydown", (event) => this.editorBar.onKey(event));
    this.stopSeparatingKeys = separateKeys(this.root, session);
    this.unsubscribe = session.listen((topic) => this.#update(topic));
    this.#rebuild();
    for (const topic of /** @type {Topic[]} */ ([
      "drawing",
      "editor",
      "status",
      "curves",
      "wave",
      "transport",
      "position",
    ]))
      this.#update(topic);
    // The element is inserted into the page after this call, and only then it has colors.
    requestAnimationFrame(() => this.theme.read());
    this.transport.projector.set(session.spec.projector);
    this.theme.read();
  }

  close() {
    clearTimeout(this.#waveformTimer);
    this.stopSeparatingKeys();
    this.unsubscribe();
    this.theme.close();
    this.#handles?.close();
    this.#liveSpectrum?.close();
    this.#response?.close();
    this.#taps?.close();
    this.openViews.close();
    this.waveform.close();
    this.lanes.close();
    this.editorBar.close();
    this.chain.close();
    this.transport.close();
    this.files.close();
    this.root.remove();
  }

  /** Build what depends on the spec: the controls, the plot of the response and its handles. */
  #rebuild() {
    const { session } = this;
    this.paneFocus.save();
    const { spec } = session;
    this.root.setAttribute("aria-label", spec.title);
    this.root.dataset.hasOutput = String(spec.has_output);
    this.root.dataset.takesInput = String(spec.takes_input);
    this.root.dataset.standalone = String(spec.standalone);
    this.transport.describe(
      spec.has_output ? `${spec.rate / 1000} kHz · ${describeChannels(spec.channels)}` : "",
    );
    this.#controls = this.chain.build();
    this.lanes.build();
    this.#handles?.close();
    this.#liveSpectrum?.close();
    this.#response?.close();
    this.plot.replaceChildren();
    this.#response = new ResponseView(this.plot, this.theme.palette, session, (seq) => {
      this.root.dataset.drawn = String(seq);
      this.#handles?.place(this.#shownValues);
    });
    this.magnitude.prepend(this.#response.readout.root);
    this.#response.restyle();
    this.#liveSpectrum = new LiveSpectrumView(this.#response, this.theme.palette, session);
    this.#handles = new Handles(this.#response, spec.stages, (path, value) => session.set(path, value, true));
    this.#taps?.close();
    this.#taps = spec.has_taps ? new TapsView(this.theme.palette) : null;
    if (this.#taps) this.magnitude.append(this.#taps.root);
    this.openViews.close();
    this.tabs.setViews(spec.views);
    this.#update("views");
    this.#update("curves");
    this.#update("values");
    this.#update("device");
  }

  #repaint() {
    this.#response?.restyle();
    this.#taps?.restyle();
    this.openViews.restyle();
    this.waveform.invalidate();
    this.lanes.update();
  }

  /** Open and close views according to the tabs. */
  #updateViews() {
    const open = this.session.views;
    this.openViews.update();
    this.magnitude.hidden = !open.includes("magnitude");
    this.panes.dataset.count = String(open.length);
    const panes = open.map((name) => (name === "magnitude" ? this.magnitude : this.openViews.pane(name)));
    this.panes.append(...panes.filter((pane) => pane !== undefined));
    // They have a font only once they are in the page.
    this.openViews.restyle();
    this.tabs.setOpen(open);
    this.#update("drawing");
  }

  /** Show what has changed. @param {Topic} topic */
  #update(topic) {
    const { session, root } = this;
    if (topic === "spec") this.#rebuild();
    else if (topic === "views") this.#updateViews();
    else if (topic === "axes") this.#repaint();
    else if (topic === "editor") {
      this.editorBar.update();
      this.chain.update();
    } else if (topic === "drawing") {
      this.openViews.show();
      this.paneFocus.restore();
    } else if (topic === "values") {
      for (const [path, control] of this.#controls) {
        const value = session.values[path];
        if (value !== undefined) control.setValue(value);
      }
      for (const param of allParams(session.spec)) this.#updateVisibility(param);
      this.lanes.update();
      this.#handles?.place(this.#shownValues);
    } else if (topic === "curves") {
      if (session.curves) {
        this.#response?.show(session.curves);
        this.#taps?.show(session.curves);
        this.#followMovement();
      }
    } else if (topic === "movement") {
      this.#followMovement();
    } else if (topic === "wave") this.#updateTimeline();
    else if (topic === "position") {
      root.dataset.position = session.sound.position.toFixed(4);
      this.waveform.showPosition(session.sound.position);
      this.lanes.showPosition();
      this.openViews.showPosition();
      setText(this.elapsed, formatTime(session.sound.position));
      this.transport.updateMeters();
      this.#liveSpectrum?.update();
      session.movement.update();
      this.#followMovement();
    } else if (topic === "status") this.#updateStatus();
    else {
      const { mode, selection } = session.sound.listening;
      setAttribute(root, "data-mode", mode);
      this.waveform.showSelection(selection);
      this.#liveSpectrum?.update();
      this.transport.update();
    }
  }

  /** All values, those of parameters that move at the playhead. */
  get #shownValues() {
    return this.session.movement.valuesAt(this.session.values, this.session.sound.position);
  }

  /** Show where the parameters that move are at the playhead. */
  #followMovement() {
    const { movement, sound, curves } = this.session;
    if (!movement.any) return;
    const shown = this.#shownValues;
    for (const path of movement.paths) {
      const limits = movement.limitsAt(sound.position, path);
      if (limits) this.#controls.get(path)?.follow?.(Number(shown[path]), limits);
    }
    const responses = curves && movement.responsesAt(sound.position, curves.frequency.length);
    if (responses) this.#response?.follow(responses);
  }

  /** Show or hide the control of a parameter that has an effect only with some values of a choice. @param {Param} param */
  #updateVisibility({ path, shown_when: condition }) {
    const control = this.#controls.get(path);
    if (!control || !condition) return;
    const hidden = !condition.values.includes(String(this.session.values[condition.path]));
    if (control.root.hidden !== hidden) control.root.hidden = hidden;
  }

  /** Show the duration, and draw the waveform a little later: during a drag, other work of the page comes first. */
  #updateTimeline() {
    const total = formatTime(this.session.sound.duration);
    setText(this.total, total);
    const width = `${total.length}ch`;
    if (this.elapsed.style.width !== width) this.elapsed.style.width = width;
    this.#waveformTimer ??= setTimeout(() => {
      this.#waveformTimer = undefined;
      this.waveform.invalidate();
      this.lanes.update();
    }, WAVEFORM_DELAY);
  }

  #updateStatus() {
    const { session, root } = this;
    setAttribute(root, "data-state", session.render.state);
    setAttribute(root, "data-sent", String(session.sent));
    setAttribute(root, "data-late", String(session.sound.reportDelay));
    setAttribute(root, "data-playing", String(session.sound.playingSeq));
    const { error, active } = session.notices;
    // The texts are set only if they differ, so that a screen reader reads each of them once.
    setText(this.alert, error?.message ?? "");
    if (this.alert.hidden === Boolean(error)) this.alert.hidden = !error;
    for (const [path, control] of this.#controls) control.setInvalid(error?.path === path);
    setText(this.notice, active.join(" "));
    if (this.notice.hidden === active.length > 0) this.notice.hidden = active.length === 0;
    this.transport.update();
  }
}
