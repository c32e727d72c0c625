import { formatQuantity } from "../../controls/format.js";
import { element, setAttribute, setText } from "../../ui/dom.js";
import { hasModifier } from "../../ui/panel_keys.js";
import { MAX_RADIUS, Viewport } from "../axes/viewport.js";
import { addZoomInput } from "../axes/zoom_input.js";
import { Canvas } from "../drawing/canvas.js";
import { plotFont } from "../drawing/plot_font.js";
import {
  constrainRoot,
  formatPoint,
  frequencyOf,
  isMovable,
  radiusOf,
  snapRoot,
  stepRoot,
  valuesForRoot,
} from "./roots.js";
import { drawFrequencyRay, drawMarker, drawMultiplicities, drawUnitCircle } from "./unit_circle.js";

/** @import { Session } from "../../kernel/session.js" */
/** @import { PlaneFields, Root, RootArray, ViewData, ViewTab } from "../../types" */
/** @import { ComplexPoint } from "./roots.js" */
/** @import { Palette } from "../drawing/theme.js" */

/** The distance from the unit circle or the real axis, in px, within which a dragged root snaps to it. */
const SNAP = 3;

/** Poles and zeros in the z plane. Those that parameters control can be dragged; a conjugate pair moves together. */
export class PoleZeroView {
  /** @type {ViewData<PlaneFields> | null} */ #data = null;
  /** @type {Root[]} */ #roots = [];
  /** One focusable element for each root. @type {HTMLElement[]} */ #nodes = [];
  /** Where the user moved a root, until the kernel's answer. @type {{ index: number, point: ComplexPoint, seq: number } | null} */
  #moved = null;
  #isDragging = false;
  /** @type {ComplexPoint | null} */ #pointer = null;
  #font = "11px sans-serif";

  /** @param {Palette} palette @param {ViewTab} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.label = label;
    this.text = element("span");
    this.plot = element("div", { class: "plot plane", role: "group", "aria-label": label, tabindex: 0 });
    this.plot.dataset.lmSuppressShortcuts = "true";
    const zoomButtons = addZoomInput(this.plot, {
      zoom: (factor, x, y) => {
        const focused = this.#roots[this.#focusIndex] ?? { re: 1, im: 0 };
        this.viewport.zoom(factor, x === null || y === null ? focused : this.viewport.pointAt(x, y));
        this.canvas.invalidate();
      },
      pan: (dx, dy) => {
        this.viewport.pan(dx, dy);
        this.canvas.invalidate();
      },
      reset: () => {
        this.viewport.reset();
        this.canvas.invalidate();
      },
    });
    this.addButtons = element("span", { class: "view-controls" });
    const controls = element("span", { class: "view-controls" }, this.addButtons, zoomButtons);
    this.readout = element("div", { class: "readout row" }, this.text, controls);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    this.viewport = new Viewport(this.canvas);
    this.plot.addEventListener("pointermove", (event) => this.#onPointer(event));
    this.plot.addEventListener("pointerleave", () => this.#onPointer(null));
    this.plot.addEventListener("pointerdown", (event) => this.#onPlaneDown(event));
  }

  /** @param {ViewData<PlaneFields>} data */
  show(data) {
    this.#data = data;
    const { fields } = data;
    if (this.#moved && !this.#isDragging && fields.seq >= this.#moved.seq) this.#moved = null;
    this.#roots = fields.roots ?? [];
    const { roots, stable } = { roots: this.#roots, stable: fields.stable };
    const count = (/** @type {string} */ kind) =>
      roots.reduce((sum, root) => sum + (root.kind === kind ? 1 + Number(root.pair) : 0), 0);
    const summary = `${this.label}: ${count("pole")} poles, ${count("zero")} zeros${stable ? "" : ", unstable"}`;
    setAttribute(this.plot, "aria-label", fields.error ?? summary);
    setAttribute(this.plot, "data-stable", String(Boolean(stable)));
    // During a drag the plane must not be rescaled.
    if (!this.#isDragging) this.viewport.fit(this.#roots);
    this.#showAddButtons(fields.arrays ?? []);
    this.#updateNodes();
    this.canvas.invalidate();
  }

  restyle() {
    this.#font = plotFont(this.plot);
    this.canvas.invalidate();
  }

  close() {
    this.canvas.close();
    this.root.remove();
  }

  /** The index of the root that has the focus, or -1. */
  get #focusIndex() {
    return this.#nodes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  }

  /** Return a root at the position where it is drawn. @param {number} index @returns {Root} */
  #displayedRoot(index) {
    const root = this.#roots[index];
    return this.#moved?.index === index ? { ...root, ...this.#moved.point } : root;
  }

  // -- input -----------------------------------------------------------------------------------------------------

  /** Show a button for each kind of root that can be added. @param {RootArray[]} arrays */
  #showAddButtons(arrays) {
    const paths = arrays.map(({ path }) => path).join();
    if (this.addButtons.dataset.paths === paths) return;
    this.addButtons.dataset.paths = paths;
    this.addButtons.replaceChildren(
      ...arrays.map(({ path, kind }) => {
        const attributes = { type: "button", "data-action": `add-${kind}`, title: `Add a pair of ${kind}s` };
        const button = element("button", attributes, `+ ${kind}s`);
        button.addEventListener("click", () => this.session.command("add_root", { path }));
        return button;
      }),
    );
  }

  /** Create, remove and label the elements of the roots; those of fixed roots are hidden. */
  #updateNodes() {
    this.#roots.forEach((root, index) => {
      this.#nodes[index] ??= this.#createNode(index);
      const node = this.#nodes[index];
      const movable = isMovable(root);
      if (node.hidden === movable) node.hidden = !movable;
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

  /** @param {number} index */
  #createNode(index) {
    const node = element("div", { class: "root-handle", role: "slider", tabindex: 0 });
    node.dataset.lmSuppressShortcuts = "true";
    node.addEventListener("pointerdown", (event) => this.#onRootDown(index, node, event));
    node.addEventListener("keydown", (event) => this.#onKey(index, event));
    node.addEventListener("focus", () => this.canvas.invalidate());
    node.addEventListener("blur", () => this.canvas.invalidate());
    this.plot.append(node);
    return node;
  }

  /** @param {number} index @param {ComplexPoint} point */
  #moveRoot(index, point) {
    const { session } = this;
    const root = this.#displayedRoot(index);
    const target = constrainRoot(root, point);
    const params = session.spec.stages.flatMap((stage) => stage.params);
    const values = valuesForRoot(root, target, session.values, this.#data?.fields.rate ?? 1, (path) =>
      params.find((param) => param.path === path),
    );
    for (const [path, value] of values) session.set(path, value, true);
    this.#moved = { index, point: target, seq: session.sent + 1 };
    this.canvas.invalidate();
  }

  /** @param {number} index @param {HTMLElement} node @param {PointerEvent} down */
  #onRootDown(index, node, down) {
    if (down.button !== 0) return;
    down.preventDefault();
    down.stopPropagation();
    node.focus({ preventScroll: true });
    const box = this.plot.getBoundingClientRect();
    const start = this.#displayedRoot(index);
    const dx = down.clientX - box.left - this.viewport.x(start.re);
    // The user may hold the root of a pair that is below the real axis.
    const sign = start.pair && down.clientY - box.top > this.viewport.y(0) && start.im > 0 ? -1 : 1;
    const dy = down.clientY - box.top - this.viewport.y(sign * start.im);
    const onMove = (/** @type {PointerEvent} */ event) => {
      const tolerance = SNAP / this.viewport.pixelsPerUnit;
      const point = this.viewport.pointAt(event.clientX - box.left - dx, event.clientY - box.top - dy);
      this.#moveRoot(index, event.shiftKey ? point : snapRoot(this.#roots[index], point, tolerance));
    };
    const onEnd = () => {
      node.removeEventListener("pointermove", onMove);
      this.#isDragging = false;
      this.canvas.invalidate();
    };
    node.setPointerCapture(down.pointerId);
    this.#isDragging = true;
    node.addEventListener("pointermove", onMove);
    node.addEventListener("lostpointercapture", onEnd, { once: true });
  }

  /** @param {number} index @param {KeyboardEvent} event */
  #onKey(index, event) {
    if (hasModifier(event)) return;
    const { path } = this.#roots[index];
    if (path && (event.key === "Delete" || event.key === "Backspace")) {
      event.preventDefault();
      this.session.command("remove_root", { path });
      return;
    }
    const point = stepRoot(this.#displayedRoot(index), event.key, event.shiftKey);
    if (!point) return;
    event.preventDefault();
    this.#moveRoot(index, point);
  }

  /** Pan the zoomed plane with a drag. @param {PointerEvent} down */
  #onPlaneDown(down) {
    if (down.button !== 0 || !this.viewport.isZoomed) return;
    let { clientX, clientY } = down;
    const onMove = (/** @type {PointerEvent} */ event) => {
      this.viewport.pan(clientX - event.clientX, clientY - event.clientY);
      this.canvas.invalidate();
      ({ clientX, clientY } = event);
    };
    this.plot.setPointerCapture(down.pointerId);
    this.plot.addEventListener("pointermove", onMove);
    const onEnd = () => this.plot.removeEventListener("pointermove", onMove);
    this.plot.addEventListener("lostpointercapture", onEnd, { once: true });
  }

  /** @param {PointerEvent | null} event */
  #onPointer(event) {
    const box = event && this.plot.getBoundingClientRect();
    this.#pointer =
      event && box ? this.viewport.pointAt(event.clientX - box.left, event.clientY - box.top) : null;
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
    drawUnitCircle(context, this.viewport, this.palette, fields.rate, Boolean(fields.stable));
    if (this.#pointer) drawFrequencyRay(context, this.viewport, this.palette, this.#pointer);
    const displayed = this.#roots.map((_, index) => this.#displayedRoot(index));
    for (const [index, root] of displayed.entries())
      this.#drawRoot(context, root, this.#nodes[index], fields.rate);
    drawMultiplicities(context, this.viewport, this.palette, displayed);
    this.#updateText(fields.rate, displayed);
  }

  /** @param {CanvasRenderingContext2D} context @param {Root} root @param {HTMLElement} node @param {number} rate */
  #drawRoot(context, root, node, rate) {
    const { palette, viewport } = this;
    const { kind, re, im, pair } = root;
    const isUnstable = kind === "pole" && radiusOf(root) >= 1;
    context.strokeStyle = isUnstable ? palette.danger : palette.accent;
    context.lineWidth = node === document.activeElement ? 3 : 2;
    for (const sign of pair && im !== 0 ? [1, -1] : [1]) {
      context.globalAlpha = sign > 0 || !isMovable(root) ? 1 : 0.75;
      drawMarker(context, kind, viewport.x(re), viewport.y(sign * im));
    }
    context.globalAlpha = 1;
    if (node.hidden) return;
    node.style.transform = `translate(${viewport.x(re).toFixed(1)}px, ${viewport.y(im).toFixed(1)}px)`;
    setAttribute(node, "aria-valuenow", radiusOf(root).toFixed(4));
    setAttribute(node, "aria-valuemax", String(MAX_RADIUS));
    setAttribute(node, "aria-valuetext", formatPoint(root, pair, rate) + (isUnstable ? ", unstable" : ""));
  }

  /** Show the focused root, the point at the pointer, or a short help. @param {number} rate @param {Root[]} displayed */
  #updateText(rate, displayed) {
    const index = this.#focusIndex;
    const root = this.#isDragging || !this.#pointer ? displayed[index] : null;
    const suffix = this.#data?.fields.stable ? "" : " · unstable";
    if (root) {
      const name = this.#nodes[index].getAttribute("aria-label");
      setText(this.text, `${name} · ${formatPoint(root, root.pair, rate)}${suffix}`);
    } else if (this.#pointer) {
      const frequency = formatQuantity(frequencyOf(this.#pointer, rate), "Hz");
      setText(this.text, `${frequency} · radius ${radiusOf(this.#pointer).toFixed(3)}${suffix}`);
    } else {
      const help = this.#data?.fields.arrays?.length ? ", Delete removes the focused one" : "";
      setText(this.text, `× poles, ○ zeros${help}${suffix}`);
    }
  }
}
