import { formatQuantity, formatTime } from "../controls/format.js";
import { element, setAttribute, setText } from "../ui/dom.js";
import { rule } from "./axes/grid.js";
import { Scale } from "./axes/scale.js";
import { Canvas } from "./drawing/canvas.js";
import { colormap } from "./drawing/colormap.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { ViewData } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */

/** Room for the labels, in px; on the right for the levels' colours. */
const MARGIN = { left: 48, right: 58, top: 20, bottom: 22 };
/** How many of the kernel's dB the colours may span. */
const DEPTHS = [60, 80, 100, 120];

/** @param {string} name */
const titled = (name) => name[0].toUpperCase() + name.slice(1);

/** A level over two axes, in colours. What lies over a sound's time shows the playhead, and seeks. */
export class ImageView {
  /** @type {ViewData} */ #data = { fields: {}, arrays: {}, bytes: {} };
  /** @type {{ x: number, y: number } | null} */ #pointer = null;
  #depth = 80;
  #colors = colormap();
  #picture = document.createElement("canvas");
  #frame = { left: 0, right: 0, top: 0, bottom: 0 };
  #font = "11px sans-serif";
  /** @type {HTMLSelectElement[]} */ #selects = [];

  /** @param {Palette} palette @param {{ name: string, label: string }} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.name = name;
    this.label = label;
    this.text = element("span", {}, label);
    this.choices = element("span", { class: "choices" });
    this.plot = element("div", { class: "plot image", role: "group", "aria-label": label });
    this.head = element("div", { class: "playhead", hidden: true });
    // As over the waveform: clicks, drags and keys are the browser's own.
    this.range = element("input", {
      ...{ type: "range", min: 0, max: 1, step: 0.01, value: 0 },
      ...{ "data-action": "seek-image", "aria-label": `${label}, position` },
    });
    this.seek = element("div", { class: "seekable" }, this.head, this.range);
    this.plot.append(this.seek);
    this.readout = element("div", { class: "readout row" }, this.text, this.choices);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    this.range.addEventListener("input", () => session.sound.seek(Number(this.range.value) * this.#length));
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        const box = this.plot.getBoundingClientRect();
        const inside = type === "pointermove";
        this.#pointer = inside ? { x: event.clientX - box.left, y: event.clientY - box.top } : null;
        this.#say();
      });
    }
    this.silence = session.listen((topic) => topic === "position" && this.#place());
  }

  /** In s. */
  get #length() {
    return this.#data.fields.x?.high ?? 0;
  }

  /** @param {ViewData} data */
  show(data) {
    if (data === this.#data) return;
    this.#data = data;
    this.#offer();
    this.#paint();
    this.canvas.invalidate();
  }

  restyle() {
    this.#font = `11px ${getComputedStyle(this.plot).fontFamily}`;
    this.canvas.invalidate();
  }

  close() {
    this.silence();
    this.canvas.close();
    this.root.remove();
  }

  /** What the kernel lets choose, and how deep the colours reach. */
  #offer() {
    const { fields } = this.#data;
    if (this.#selects.length === 0) {
      for (const { name, label, values } of [
        ...(fields.choices ?? []),
        ...(fields.level ? [{ name: "depth", label: "Range", values: DEPTHS }] : []),
      ]) {
        const options = values.map((/** @type {string | number} */ value) =>
          element("option", { value }, name === "depth" ? `${value} dB` : titled(String(value))),
        );
        const select = element(
          "select",
          { "aria-label": label, "data-action": `view-${name}`, title: label },
          ...options,
        );
        select.addEventListener("change", () => {
          if (name !== "depth") this.session.redraw(this.name, { [name]: select.value });
          else {
            this.#depth = Number(select.value);
            this.#paint();
            this.canvas.invalidate();
          }
        });
        this.#selects.push(select);
      }
      this.choices.replaceChildren(...this.#selects);
    }
    for (const select of this.#selects) {
      // Levels that are no dB are shown all.
      if (select.dataset.action === "view-depth") select.hidden = fields.level?.unit !== "dB";
      const choice = fields.choices?.find(
        (/** @type {{ name: string }} */ { name }) => select.dataset.action === `view-${name}`,
      );
      const value = choice?.value ?? String(this.#depth);
      if (select.value !== value) select.value = value;
    }
  }

  /** The lowest level that has a colour of its own. */
  get #low() {
    const { low, high, unit } = this.#data.fields.level ?? { low: 0, high: 1 };
    return unit === "dB" ? Math.max(low, high - this.#depth) : low;
  }

  /** Bytes to colours, once for each drawing. */
  #paint() {
    const { fields, bytes } = this.#data;
    const levels = bytes.levels;
    if (!levels) return;
    const { rows, columns, level } = fields;
    const start = (255 * (this.#low - level.low)) / (level.high - level.low);
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = new Uint32Array(this.#colors.buffer);
    const table = colors.map((_, i) => colors[Math.max(0, Math.round((255 * (i - start)) / (255 - start)))]);
    for (let i = 0; i < levels.length; i++) pixels[i] = table[levels[i]];
    this.#picture.width = columns;
    this.#picture.height = rows;
    this.#picture.getContext("2d")?.putImageData(image, 0, 0);
  }

  #place() {
    const length = this.#length;
    const on = Boolean(this.#data.fields.x_is_time) && length > 0;
    if (this.head.hidden === on) this.head.hidden = !on;
    if (!on) return;
    const t = Math.min(1, this.session.sound.position / length);
    const { left, right } = this.#frame;
    this.head.style.transform = `translateX(${(t * (right - left) - 1).toFixed(1)}px)`;
    if (this.range === document.activeElement || Math.abs(Number(this.range.value) - t) > 0.01)
      this.range.value = String(t);
    setAttribute(
      this.range,
      "aria-valuetext",
      `${formatTime(this.session.sound.position)} of ${formatTime(length)}`,
    );
  }

  #scales() {
    const { left, right, top, bottom } = this.#frame;
    const { x, y } = this.#data.fields;
    return { across: new Scale(x, [], left, right), up: new Scale(y, [], bottom, top) };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { fields } = this.#data;
    if (this.seek.hidden !== !fields.x_is_time) this.seek.hidden = !fields.x_is_time;
    this.#say();
    if (fields.error || !fields.level) return;
    const { palette } = this;
    const { width, height } = this.canvas;
    const { left, top } = MARGIN;
    const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
    this.#frame = { left, right, top, bottom };
    Object.assign(this.seek.style, {
      ...{ left: `${left}px`, width: `${right - left}px` },
      ...{ top: `${top}px`, height: `${bottom - top}px` },
    });
    this.#place();
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#picture, left, top, right - left, bottom - top);
    const { across, up } = this.#scales();
    context.font = this.#font;
    context.fillStyle = palette.muted;
    context.strokeStyle = palette.muted;
    context.textBaseline = "middle";
    context.textAlign = "center";
    for (const { value, label } of across.ticks((right - left) / 70)) {
      const at = Math.round(across.at(value)) + 0.5;
      rule(context, at, bottom, at, bottom + 4);
      context.fillText(label, at, bottom + 13);
    }
    context.textAlign = "right";
    let free = Number.POSITIVE_INFINITY;
    for (const { value, label } of up.ticks((bottom - top) / 30)) {
      const at = up.at(value);
      if (!label || at > free || at > bottom + 2) continue;
      rule(context, left - 4, Math.round(at) + 0.5, left, Math.round(at) + 0.5);
      context.fillText(value >= 1000 && !up.log ? `${value / 1000}k` : label, left - 8, at);
      free = at - 13;
    }
    const { level } = fields;
    context.fillText(fields.y.unit, left - 8, 8);
    context.textAlign = "left";
    context.fillText(fields.x.unit, right + 12, bottom + 13);
    context.fillText(level.unit, right + 12, 8);
    for (let y = top; y < bottom; y++) {
      const i = 4 * Math.round((255 * (bottom - 1 - y)) / (bottom - top - 1));
      context.fillStyle = `rgb(${this.#colors.slice(i, i + 3).join()})`;
      context.fillRect(right + 12, y, 8, 1);
    }
    context.fillStyle = palette.muted;
    const steps = level.unit === "dB" ? [6, 12, 20, 30, 60] : null;
    const levels = new Scale({ ...level, low: this.#low, steps }, [], bottom, top);
    for (const { value, label } of levels.ticks((bottom - top) / 30))
      context.fillText(label, right + 26, Math.max(top + 5, Math.min(bottom - 5, levels.at(value))));
  }

  /** What lies under the pointer. */
  #say() {
    const { fields, bytes } = this.#data;
    setAttribute(this.plot, "data-fault", String(Boolean(fields.error)));
    const { left, right, top, bottom } = this.#frame;
    const at = this.#pointer;
    if (fields.error) setText(this.text, fields.error);
    else if (!at || !bytes.levels || at.x < left || at.x >= right || at.y < top || at.y >= bottom)
      setText(this.text, fields.note || this.label);
    else {
      const { rows, columns, level, x } = fields;
      const { across, up } = this.#scales();
      const column = Math.floor(((at.x - left) / (right - left)) * columns);
      const row = Math.floor(((at.y - top) / (bottom - top)) * rows);
      const db = level.low + (bytes.levels[row * columns + column] / 255) * (level.high - level.low);
      const time = across.value(at.x);
      const where = x.unit === "s" ? formatTime(time, 2) : formatQuantity(time, x.unit);
      setText(
        this.text,
        `${where} · ${up.text(up.value(at.y))} · ${formatQuantity(db, level.unit).replace("-", "−").replace("+", "")}`,
      );
    }
  }
}
