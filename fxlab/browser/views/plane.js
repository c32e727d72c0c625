import { inUnit } from "../controls/unit.js";
import { element, mark, write } from "../element.js";
import { Canvas } from "./canvas.js";
import { rule } from "./grid.js";
import { lens } from "./lens.js";
import { allowed, frequencyOf, movable, moved, placeText, radiusOf, stepped } from "./roots.js";

/** @import { Session } from "../session.js" */
/** @import { ViewData } from "../types" */
/** @import { Place, Root } from "./roots.js" */
/** @import { Palette } from "./theme.js" */

/** How near to the circle or the axis, in px, a root that is dragged falls onto it. */
const SNAP = 3;
/** The half width of a mark, in px. */
const MARK = 5;
/** How far out the picture may reach, and how far in it may go. */
const WIDEST = 2.2;
const DEEPEST = 400;

/** Poles and zeros about the unit circle; those that values move can be dragged, pairs together. */
export class PlaneView {
  /** @type {ViewData | null} */ #data = null;
  /** @type {Root[]} */ #roots = [];
  /** @type {HTMLElement[]} */ #nodes = [];
  /** Where a hand has put a root, until the kernel draws it there. @type {{ index: number, place: Place, seq: number } | null} */ #placed =
    null;
  #held = false;
  /** @type {Place | null} */ #pointer = null;
  #reach = 1.25;
  #zoom = { factor: 1, re: 0, im: 0 };
  #font = "11px sans-serif";

  /** @param {Palette} palette @param {{ name: string, label: string }} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.label = label;
    this.text = element("span");
    this.plot = element("div", { class: "plot plane", role: "group", "aria-label": label, tabindex: 0 });
    this.plot.dataset.lmSuppressShortcuts = "true";
    const buttons = lens(this.plot, {
      zoom: (factor, x, y) => this.#enlarge(factor, x, y),
      pan: (dx, dy) => this.#pan(dx, dy),
      reset: () => this.#pan(0, 0, 1),
    });
    this.adding = element("span", { class: "choices" });
    const tools = element("span", { class: "choices" }, this.adding, buttons);
    this.readout = element("div", { class: "readout row" }, this.text, tools);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
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
    mark(this.plot, "aria-label", fields.fault ?? outline);
    mark(this.plot, "data-stable", String(Boolean(stable)));
    if (!this.#held) this.#fit();
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

  /** As far out as the roots lie, up to a limit; not while a hand holds one. */
  #fit() {
    const most = Math.max(0, ...this.#roots.map(radiusOf).filter(Number.isFinite));
    this.#reach = Math.min(WIDEST, Math.max(1.25, 1.12 * most));
  }

  // -- where things lie ------------------------------------------------------------------------------------------

  /** How many px the circle's radius is; round it there is room for the labels. */
  get #unit() {
    const { width, height } = this.canvas;
    const room = Math.min((width - 96) / 2 / Math.max(1, this.#reach / 1.25), height / 2 / this.#reach);
    return Math.max(1, room * this.#zoom.factor);
  }

  /** @param {number} re */
  #x = (re) => this.canvas.width / 2 + (re - this.#zoom.re) * this.#unit;

  /** @param {number} im */
  #y = (im) => this.canvas.height / 2 - (im - this.#zoom.im) * this.#unit;

  /** @param {number} x @param {number} y @returns {Place} */
  #at(x, y) {
    const { width, height } = this.canvas;
    return {
      re: this.#zoom.re + (x - width / 2) / this.#unit,
      im: this.#zoom.im + (height / 2 - y) / this.#unit,
    };
  }

  /** @param {number} factor @param {number | null} x @param {number | null} y */
  #enlarge(factor, x, y) {
    const focus = this.#nodes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const place = x === null || y === null ? (this.#roots[focus] ?? { re: 1, im: 0 }) : this.#at(x, y);
    const before = this.#zoom.factor;
    const next = Math.min(DEEPEST, Math.max(1, before * factor));
    const share = before / next;
    this.#zoom = {
      factor: next,
      re: place.re + (this.#zoom.re - place.re) * share,
      im: place.im + (this.#zoom.im - place.im) * share,
    };
    this.#pan(0, 0);
  }

  /** @param {number} dx px @param {number} dy px @param {number} [factor] */
  #pan(dx, dy, factor = this.#zoom.factor) {
    const far = this.#reach * (1 - 1 / factor);
    const clamp = (/** @type {number} */ value) => Math.max(-far, Math.min(far, value)) || 0;
    const { re, im } = this.#zoom;
    this.#zoom = { factor, re: clamp(re + dx / this.#unit), im: clamp(im - dy / this.#unit) };
    this.canvas.invalidate();
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
        button.addEventListener("click", () => this.session.command("add root", { path }));
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
      mark(node, "data-root", root.path ?? `${root.frequency} ${root.q} ${root.kind}`);
    });
    for (const node of this.#nodes.splice(this.#roots.length)) node.remove();
    /** @type {Record<string, number>} */
    const numbers = {};
    this.#roots.forEach(({ kind, pair, stage }, index) => {
      const name = `${kind}${pair ? " pair" : ""}`;
      numbers[name] = (numbers[name] ?? 0) + 1;
      const title = `${name[0].toUpperCase()}${name.slice(1)} ${numbers[name]}`;
      mark(this.#nodes[index], "aria-label", /^\d/.test(stage) ? `${title}, ${stage}` : title);
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
    const dx = down.clientX - box.left - this.#x(start.re);
    const below = start.pair && down.clientY - box.top > this.#y(0) && start.im > 0 ? -1 : 1;
    const dy = down.clientY - box.top - this.#y(below * start.im);
    const move = (/** @type {PointerEvent} */ event) => {
      const place = this.#at(event.clientX - box.left - dx, event.clientY - box.top - dy);
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
    const near = SNAP / this.#unit;
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
      this.session.command("remove root", { path });
      return;
    }
    const place = stepped(this.#shown(index), event.key, event.shiftKey);
    if (!place) return;
    event.preventDefault();
    this.#move(index, place);
  }

  /** @param {PointerEvent} down */
  #grabPlane(down) {
    if (down.button !== 0 || this.#zoom.factor === 1) return;
    let { clientX, clientY } = down;
    const move = (/** @type {PointerEvent} */ event) => {
      this.#pan(clientX - event.clientX, clientY - event.clientY);
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
    this.#pointer = event && box ? this.#at(event.clientX - box.left, event.clientY - box.top) : null;
    this.canvas.invalidate();
  }

  // -- drawing ---------------------------------------------------------------------------------------------------

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const fields = this.#data?.fields;
    if (!fields) return;
    if (fields.fault) {
      write(this.text, fields.fault);
      return;
    }
    context.font = this.#font;
    this.#drawPlane(context, fields.rate);
    const shown = this.#roots.map((_, index) => this.#shown(index));
    for (const [index, root] of shown.entries())
      this.#drawRoot(context, root, this.#nodes[index], fields.rate);
    this.#count(context, shown);
    this.#say(fields.rate, shown);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} rate */
  #drawPlane(context, rate) {
    const { palette } = this;
    const { width, height } = this.canvas;
    const unit = this.#unit;
    const [x, y] = [this.#x(0), this.#y(0)];
    const { stable } = this.#data?.fields ?? {};
    context.fillStyle = stable ? palette.text : palette.danger;
    context.globalAlpha = stable ? 0.045 : 0.1;
    context.beginPath();
    context.rect(0, 0, width, height);
    context.arc(x, y, unit, 0, 2 * Math.PI, true);
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1;
    context.strokeStyle = palette.grid;
    for (const radius of [0.25, 0.5, 0.75]) {
      context.beginPath();
      context.arc(x, y, radius * unit, 0, 2 * Math.PI);
      context.stroke();
    }
    context.strokeStyle = palette.axis;
    rule(context, 0, Math.round(y) + 0.5, width, Math.round(y) + 0.5);
    rule(context, Math.round(x) + 0.5, 0, Math.round(x) + 0.5, height);
    context.strokeStyle = palette.muted;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(x, y, unit, 0, 2 * Math.PI);
    context.stroke();
    context.fillStyle = palette.muted;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText(stable ? "outside: poles are unstable" : "unstable: a pole is outside", 14, height - 14);
    // Frequencies round the upper half, in steps that leave room between them.
    const most = Math.max(4, Math.min(16, Math.floor((Math.PI * unit) / 70)));
    const step = nice(rate / 2 / most);
    for (let k = 0; k * step <= rate / 2; k++) {
      const angle = (2 * Math.PI * k * step) / rate;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      rule(context, this.#x(0.985 * cos), this.#y(0.985 * sin), this.#x(1.015 * cos), this.#y(1.015 * sin));
      const label = inUnit(k * step, "Hz").replace(/\.0+ /, " ");
      const away = unit + 8;
      context.textAlign = cos > 0.2 ? "left" : cos < -0.2 ? "right" : "center";
      context.fillText(label, x + away * cos, y - away * sin - (k === 0 ? 9 : 4 * sin));
    }
    const at = this.#pointer;
    if (!at || radiusOf(at) < 0.05) return;
    const r = radiusOf(at);
    context.strokeStyle = palette.muted;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    rule(context, x, y, this.#x(at.re / r), this.#y(at.im / r));
    context.setLineDash([]);
    context.beginPath();
    context.arc(this.#x(at.re / r), this.#y(at.im / r), 3, 0, 2 * Math.PI);
    context.fill();
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
      const [x, y] = [this.#x(re), this.#y(side * im)];
      context.globalAlpha = side > 0 || !movable(root) ? 1 : 0.75;
      context.beginPath();
      if (kind === "zero") context.arc(x, y, MARK, 0, 2 * Math.PI);
      else {
        context.moveTo(x - MARK, y - MARK);
        context.lineTo(x + MARK, y + MARK);
        context.moveTo(x - MARK, y + MARK);
        context.lineTo(x + MARK, y - MARK);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
    if (node.hidden) return;
    node.style.transform = `translate(${this.#x(re).toFixed(1)}px, ${this.#y(im).toFixed(1)}px)`;
    mark(node, "aria-valuenow", radiusOf(root).toFixed(4));
    mark(node, "aria-valuemax", String(WIDEST));
    mark(node, "aria-valuetext", placeText(root, pair, rate) + (outside ? ", unstable" : ""));
  }

  /** How many stand at one spot. @param {CanvasRenderingContext2D} context @param {Root[]} roots */
  #count(context, roots) {
    /** @type {Map<string, number>} */
    const spots = new Map();
    for (const { kind, re, im, pair } of roots) {
      for (const side of pair ? [1, -1] : [1]) {
        const spot = `${kind} ${Math.round(this.#x(re))} ${Math.round(this.#y(side * im))}`;
        spots.set(spot, (spots.get(spot) ?? 0) + 1);
      }
    }
    context.fillStyle = this.palette.text;
    context.textAlign = "left";
    for (const [spot, count] of spots) {
      const [kind, x, y] = spot.split(" ");
      // Of poles above, of zeros below, so that both can be read.
      if (count > 1) context.fillText(String(count), Number(x) + 8, Number(y) + (kind === "pole" ? -9 : 10));
    }
  }

  /** @param {number} rate @param {Root[]} shown */
  #say(rate, shown) {
    const focus = this.#nodes.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const root =
      shown[this.#held || !this.#pointer ? focus : -1] ?? (focus >= 0 && this.#held ? shown[focus] : null);
    const stable = this.#data?.fields.stable ? "" : " · unstable";
    if (root) {
      write(
        this.text,
        `${this.#nodes[focus].getAttribute("aria-label")} · ${placeText(root, root.pair, rate)}${stable}`,
      );
    } else if (this.#pointer) {
      const frequency = inUnit(frequencyOf(this.#pointer, rate), "Hz");
      write(this.text, `${frequency} · radius ${radiusOf(this.#pointer).toFixed(3)}${stable}`);
    } else
      write(
        this.text,
        `× poles, ○ zeros${this.#data?.fields.arrays?.length ? ", Delete takes one out" : ""}${stable}`,
      );
  }
}

/** @param {number} size @returns {number} the next of 1, 2, 5 times a power of ten */
function nice(size) {
  const decade = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5].find((lead) => lead * decade >= size) ?? 10) * decade;
}
