import { formatQuantity } from "../../controls/format.js";
import { element, setAttribute, setText } from "../../ui/dom.js";
import { Viewport, WIDEST } from "../axes/viewport.js";
import { zoomInput } from "../axes/zoom_input.js";
import { Canvas } from "../drawing/canvas.js";
import { allowed, frequencyOf, movable, moved, placeText, radiusOf, stepped } from "./roots.js";
import { drawCircle, drawCounts, drawMark, drawRay } from "./unit_circle.js";

/** @import { Session } from "../../kernel/session.js" */
/** @import { ViewData } from "../../types" */
/** @import { Place, Root } from "./roots.js" */
/** @import { Palette } from "../drawing/theme.js" */

/** How near to the circle or the axis, in px, a root that is dragged falls onto it. */
const SNAP = 3;
/** Poles and zeros about the unit circle; those that values move can be dragged, pairs together. */
export class PoleZeroView {
  /** @type {ViewData | null} */ #data = null;
  /** @type {Root[]} */ #roots = [];
  /** @type {HTMLElement[]} */ #nodes = [];
  /** Where a hand has put a root, until the kernel draws it there. @type {{ index: number, place: Place, seq: number } | null} */ #placed =
    null;
  #held = false;
  /** @type {Place | null} */ #pointer = null;
  #font = "11px sans-serif";

  /** @param {Palette} palette @param {{ name: string, label: string }} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.label = label;
    this.text = element("span");
    this.plot = element("div", { class: "plot plane", role: "group", "aria-label": label, tabindex: 0 });
    this.plot.dataset.lmSuppressShortcuts = "true";
    const buttons = zoomInput(this.plot, {
      zoom: (factor, x, y) => {
        const focus = this.#roots[this.#focus] ?? { re: 1, im: 0 };
        this.sight.enlarge(factor, x === null || y === null ? focus : this.sight.at(x, y));
        this.canvas.invalidate();
      },
      pan: (dx, dy) => {
        this.sight.pan(dx, dy);
        this.canvas.invalidate();
      },
      reset: () => {
        this.sight.reset();
        this.canvas.invalidate();
      },
    });
    this.adding = element("span", { class: "choices" });
    const tools = element("span", { class: "choices" }, this.adding, buttons);
    this.readout = element("div", { class: "readout row" }, this.text, tools);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    this.sight = new Viewport(this.canvas);
    this.plot.addEventListener("pointermove", (event) => this.#point(event));
    this.plot.addEventListener("pointerleave", () => this.#point(null));
    this.plot.addEventListener("pointerdown", (event) => this.#grabPlane(event));
  }

  /** @param {ViewData} data */
  show(data) {
    this.#data = data;
    const { fields } = data;
    if (this.#placed && !this.#held && fields.seq >= this.#placed.seq) this.#placed = null;
    this.#roots = fields.roots ?? [];
    const { roots, stable } = { roots: this.#roots, stable: fields.stable };
    const count = (/** @type {string} */ kind) =>
      roots.reduce((sum, root) => sum + (root.kind === kind ? 1 + Number(root.pair) : 0), 0);
    const outline = `${this.label}: ${count("pole")} poles, ${count("zero")} zeros${stable ? "" : ", unstable"}`;
    setAttribute(this.plot, "aria-label", fields.error ?? outline);
    setAttribute(this.plot, "data-stable", String(Boolean(stable)));
    // Not while a hand holds one.
    if (!this.#held) this.sight.fit(this.#roots);
    this.#offer(fields.arrays ?? []);
    this.#equip();
    this.canvas.invalidate();
  }

  restyle() {
    this.#font = `11px ${getComputedStyle(this.plot).fontFamily}`;
    this.canvas.invalidate();
  }

  close() {
    this.canvas.close();
    this.root.remove();
  }

  /** The place among the roots of that which has the focus; -1 where none has. */
  get #focus() {
    return this.#nodes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  }

  /** @param {number} index @returns {Root} as it is drawn */
  #shown(index) {
    const root = this.#roots[index];
    return this.#placed?.index === index ? { ...root, ...this.#placed.place } : root;
  }

  // -- hands -----------------------------------------------------------------------------------------------------

  /** What more there may be. @param {{ path: string, kind: string }[]} arrays */
  #offer(arrays) {
    const paths = arrays.map(({ path }) => path).join();
    if (this.adding.dataset.paths === paths) return;
    this.adding.dataset.paths = paths;
    this.adding.replaceChildren(
      ...arrays.map(({ path, kind }) => {
        const attributes = { type: "button", "data-action": `add-${kind}`, title: `Add a pair of ${kind}s` };
        const button = element("button", attributes, `+ ${kind}s`);
        button.addEventListener("click", () => this.session.command("add_root", { path }));
        return button;
      }),
    );
  }

  /** One node for each root that can be moved. */
  #equip() {
    this.#roots.forEach((root, index) => {
      if (!this.#nodes[index]) {
        const node = element("div", { class: "root", role: "slider", tabindex: 0 });
        node.dataset.lmSuppressShortcuts = "true";
        node.addEventListener("pointerdown", (event) => this.#grab(index, node, event));
        node.addEventListener("keydown", (event) => this.#onKey(index, event));
        node.addEventListener("focus", () => this.canvas.invalidate());
        node.addEventListener("blur", () => this.canvas.invalidate());
        this.#nodes[index] = node;
        this.plot.append(node);
      }
      const node = this.#nodes[index];
      const on = movable(root);
      if (node.hidden === on) node.hidden = !on;
      setAttribute(node, "data-root", root.path ?? `${root.frequency} ${root.q} ${root.kind}`);
    });
    for (const node of this.#nodes.splice(this.#roots.length)) node.remove();
    /** @type {Record<string, number>} */
    const numbers = {};
    this.#roots.forEach(({ kind, pair, stage }, index) => {
      const name = `${kind}${pair ? " pair" : ""}`;
      numbers[name] = (numbers[name] ?? 0) + 1;
      const title = `${name[0].toUpperCase()}${name.slice(1)} ${numbers[name]}`;
      setAttribute(this.#nodes[index], "aria-label", /^\d/.test(stage) ? `${title}, ${stage}` : title);
    });
  }

  /** @param {number} index @param {Place} place */
  #move(index, place) {
    const { session } = this;
    const root = this.#shown(index);
    const goal = allowed(root, place);
    const params = session.spec.stages.flatMap((stage) => stage.params);
    const values = moved(root, goal, session.values, this.#data?.fields.rate ?? 1, (path) =>
      params.find((param) => param.path === path),
    );
    for (const [path, value] of values) session.set(path, value, true);
    this.#placed = { index, place: goal, seq: session.sent + 1 };
    this.canvas.invalidate();
  }

  /** @param {number} index @param {HTMLElement} node @param {PointerEvent} down */
  #grab(index, node, down) {
    if (down.button !== 0) return;
    down.preventDefault();
    down.stopPropagation();
    node.focus({ preventScroll: true });
    const box = this.plot.getBoundingClientRect();
    const start = this.#shown(index);
    const dx = down.clientX - box.left - this.sight.x(start.re);
    const below = start.pair && down.clientY - box.top > this.sight.y(0) && start.im > 0 ? -1 : 1;
    const dy = down.clientY - box.top - this.sight.y(below * start.im);
    const move = (/** @type {PointerEvent} */ event) => {
      const place = this.sight.at(event.clientX - box.left - dx, event.clientY - box.top - dy);
      this.#move(index, event.shiftKey ? place : this.#snapped(this.#roots[index], place));
    };
    const drop = () => {
      node.removeEventListener("pointermove", move);
      this.#held = false;
      this.canvas.invalidate();
    };
    node.setPointerCapture(down.pointerId);
    this.#held = true;
    node.addEventListener("pointermove", move);
    node.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** Onto the axis, and a zero onto the circle, where it silences its frequency. @param {Root} root @param {Place} place */
  #snapped(root, { re, im }) {
    if (root.path === undefined) return { re, im };
    const near = SNAP / this.sight.unit;
    const flat = Math.abs(im) < near ? 0 : im;
    const radius = Math.hypot(re, flat);
    const share = root.kind === "zero" && Math.abs(radius - 1) < near ? 1 / radius : 1;
    return { re: re * share, im: flat * share };
  }

  /** @param {number} index @param {KeyboardEvent} event */
  #onKey(index, event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { path } = this.#roots[index];
    if (path && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      this.session.command("remove_root", { path });
      return;
    }
    const place = stepped(this.#shown(index), event.key, event.shiftKey);
    if (!place) return;
    event.preventDefault();
    this.#move(index, place);
  }

  /** @param {PointerEvent} down */
  #grabPlane(down) {
    if (down.button !== 0 || this.sight.whole) return;
    let { clientX, clientY } = down;
    const move = (/** @type {PointerEvent} */ event) => {
      this.sight.pan(clientX - event.clientX, clientY - event.clientY);
      this.canvas.invalidate();
      ({ clientX, clientY } = event);
    };
    this.plot.setPointerCapture(down.pointerId);
    this.plot.addEventListener("pointermove", move);
    const drop = () => this.plot.removeEventListener("pointermove", move);
    this.plot.addEventListener("lostpointercapture", drop, { once: true });
  }

  /** @param {PointerEvent | null} event */
  #point(event) {
    const box = event && this.plot.getBoundingClientRect();
    this.#pointer = event && box ? this.sight.at(event.clientX - box.left, event.clientY - box.top) : null;
    this.canvas.invalidate();
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const fields = this.#data?.fields;
    if (!fields) return;
    if (fields.error) {
      setText(this.text, fields.error);
      return;
    }
    context.font = this.#font;
    drawCircle(context, this.sight, this.palette, fields.rate, Boolean(fields.stable));
    if (this.#pointer) drawRay(context, this.sight, this.palette, this.#pointer);
    const shown = this.#roots.map((_, index) => this.#shown(index));
    for (const [index, root] of shown.entries())
      this.#drawRoot(context, root, this.#nodes[index], fields.rate);
    drawCounts(context, this.sight, this.palette, shown);
    this.#say(fields.rate, shown);
  }

  /** @param {CanvasRenderingContext2D} context @param {Root} root @param {HTMLElement} node @param {number} rate */
  #drawRoot(context, root, node, rate) {
    const { palette } = this;
    const { kind, re, im, pair } = root;
    const focus = node === document.activeElement;
    const outside = kind === "pole" && radiusOf(root) >= 1;
    context.strokeStyle = outside ? palette.danger : palette.accent;
    context.lineWidth = focus ? 3 : 2;
    for (const side of pair && im !== 0 ? [1, -1] : [1]) {
      const [x, y] = [this.sight.x(re), this.sight.y(side * im)];
      context.globalAlpha = side > 0 || !movable(root) ? 1 : 0.75;
      drawMark(context, kind, x, y);
    }
    context.globalAlpha = 1;
    if (node.hidden) return;
    node.style.transform = `translate(${this.sight.x(re).toFixed(1)}px, ${this.sight.y(im).toFixed(1)}px)`;
    setAttribute(node, "aria-valuenow", radiusOf(root).toFixed(4));
    setAttribute(node, "aria-valuemax", String(WIDEST));
    setAttribute(node, "aria-valuetext", placeText(root, pair, rate) + (outside ? ", unstable" : ""));
  }

  /** @param {number} rate @param {Root[]} shown */
  #say(rate, shown) {
    const focus = this.#focus;
    const root =
      shown[this.#held || !this.#pointer ? focus : -1] ?? (focus >= 0 && this.#held ? shown[focus] : null);
    const stable = this.#data?.fields.stable ? "" : " · unstable";
    if (root) {
      setText(
        this.text,
        `${this.#nodes[focus].getAttribute("aria-label")} · ${placeText(root, root.pair, rate)}${stable}`,
      );
    } else if (this.#pointer) {
      const frequency = formatQuantity(frequencyOf(this.#pointer, rate), "Hz");
      setText(this.text, `${frequency} · radius ${radiusOf(this.#pointer).toFixed(3)}${stable}`);
    } else
      setText(
        this.text,
        `× poles, ○ zeros${this.#data?.fields.arrays?.length ? ", Delete takes one out" : ""}${stable}`,
      );
  }
}
