import { formatQuantity, formatTime } from "../controls/format.js";
import { element, setAttribute, setText } from "../ui/dom.js";
import { strokeLine } from "./axes/grid.js";
import { Scale } from "./axes/scale.js";
import { Canvas } from "./drawing/canvas.js";
import { createColormap } from "./drawing/colormap.js";
import { plotFont } from "./drawing/plot_font.js";

/** @import { Session } from "../kernel/session.js" */
/** @import { ImageFields, ValueRange, ViewData, ViewTab } from "../types" */
/** @import { Palette } from "./drawing/theme.js" */

/** Space around the plot for the labels, in px, on the right also for the color scale. */
const MARGIN = { left: 48, right: 58, top: 20, bottom: 22 };
/** The choices for the range of the color scale, in dB below the highest level. */
const DYNAMIC_RANGES = [60, 80, 100, 120];

/** @param {string} name */
const capitalize = (name) => name[0].toUpperCase() + name.slice(1);

/**
 * A level over two axes as colors, such as a spectrogram. If the horizontal axis is the time of the sound, the view shows
 * the playhead, and a click seeks.
 */
export class ImageView {
  /** @type {ViewData<ImageFields>} */ #data = { fields: /** @type {any} */ ({}), arrays: {}, bytes: {} };
  /** @type {{ x: number, y: number } | null} */ #pointer = null;
  #dynamicRange = 80;
  #colors = createColormap();
  /** One pixel for each level. */
  #image = document.createElement("canvas");
  #frame = { left: 0, right: 0, top: 0, bottom: 0 };
  #font = "11px sans-serif";
  /** @type {HTMLSelectElement[]} */ #selects = [];

  /** @param {Palette} palette @param {ViewTab} tab @param {Session} session */
  constructor(palette, { name, label }, session) {
    this.palette = palette;
    this.session = session;
    this.name = name;
    this.label = label;
    this.text = element("span", {}, label);
    this.controls = element("span", { class: "view-controls" });
    this.plot = element("div", { class: "plot image", role: "group", "aria-label": label });
    this.playhead = element("div", { class: "playhead", hidden: true });
    // An invisible range input covers the image, so that the browser itself handles clicks, drags and keys.
    this.seekInput = element("input", {
      ...{ type: "range", min: 0, max: 1, step: 0.01, value: 0 },
      ...{ "data-action": "seek-image", "aria-label": `${label}, position` },
    });
    this.seekArea = element("div", { class: "seekable" }, this.playhead, this.seekInput);
    this.plot.append(this.seekArea);
    this.readout = element("div", { class: "readout row" }, this.text, this.controls);
    this.root = element("div", { class: "pane", "data-view": name }, this.readout, this.plot);
    this.canvas = new Canvas(this.plot, (context) => this.#draw(context));
    this.seekInput.addEventListener("input", () => {
      session.sound.seek(Number(this.seekInput.value) * this.#duration);
    });
    for (const type of /** @type {const} */ (["pointermove", "pointerleave"])) {
      this.plot.addEventListener(type, (event) => {
        const box = this.plot.getBoundingClientRect();
        const isInside = type === "pointermove";
        this.#pointer = isInside ? { x: event.clientX - box.left, y: event.clientY - box.top } : null;
        this.#updateText();
      });
    }
    this.unsubscribe = session.listen((topic) => topic === "position" && this.#updatePlayhead());
  }

  /** The length of the time axis, in s. */
  get #duration() {
    return this.#data.fields.x?.high ?? 0;
  }

  /** @param {ViewData<ImageFields>} data */
  show(data) {
    if (data === this.#data) return;
    this.#data = data;
    this.#updateSelects();
    this.#renderImage();
    this.canvas.invalidate();
  }

  restyle() {
    this.#font = plotFont(this.plot);
    this.canvas.invalidate();
  }

  close() {
    this.unsubscribe();
    this.canvas.close();
    this.root.remove();
  }

  /** Show the options that the kernel offers and the range of the color scale. */
  #updateSelects() {
    const { fields } = this.#data;
    if (this.#selects.length === 0) {
      for (const { name, label, values } of [
        ...(fields.choices ?? []),
        ...(fields.level ? [{ name: "depth", label: "Range", values: DYNAMIC_RANGES }] : []),
      ]) {
        const options = values.map((/** @type {string | number} */ value) =>
          element("option", { value }, name === "depth" ? `${value} dB` : capitalize(String(value))),
        );
        const select = element(
          "select",
          { "aria-label": label, "data-action": `view-${name}`, title: label },
          ...options,
        );
        select.addEventListener("change", () => {
          if (name !== "depth") this.session.setViewOptions(this.name, { [name]: select.value });
          else {
            this.#dynamicRange = Number(select.value);
            this.#renderImage();
            this.canvas.invalidate();
          }
        });
        this.#selects.push(select);
      }
      this.controls.replaceChildren(...this.#selects);
    }
    for (const select of this.#selects) {
      if (select.dataset.action === "view-depth") select.hidden = !this.#hasSmallerRanges;
      const choice = fields.choices?.find(({ name }) => select.dataset.action === `view-${name}`);
      const value = choice?.value ?? String(this.#dynamicRange);
      if (select.value !== value) select.value = value;
    }
  }

  /** The levels that the bytes 0 and 255 stand for. @returns {ValueRange} */
  get #levelRange() {
    const { low = 0, high = 1 } = this.#data.fields.level ?? {};
    return { low, high };
  }

  /** Whether the color scale can span a part of the levels; those in other units than dB always use all of it. */
  get #hasSmallerRanges() {
    const { level, spans_all_levels: spansAllLevels } = this.#data.fields;
    return level?.unit === "dB" && !spansAllLevels;
  }

  /** The level at the low end of the color scale; lower ones have the same color. */
  get #lowestLevel() {
    const { low, high } = this.#levelRange;
    return this.#hasSmallerRanges ? Math.max(low, high - this.#dynamicRange) : low;
  }

  /** Convert the bytes to colors, once for new data or a new color scale. */
  #renderImage() {
    const { fields, bytes } = this.#data;
    const levels = bytes.levels;
    if (!levels) return;
    const { rows, columns } = fields;
    const { low, high } = this.#levelRange;
    const start = (255 * (this.#lowestLevel - low)) / (high - low);
    const image = new ImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = new Uint32Array(this.#colors.buffer);
    const table = colors.map((_, i) => colors[Math.max(0, Math.round((255 * (i - start)) / (255 - start)))]);
    for (let i = 0; i < levels.length; i++) pixels[i] = table[levels[i]];
    this.#image.width = columns;
    this.#image.height = rows;
    this.#image.getContext("2d")?.putImageData(image, 0, 0);
  }

  #updatePlayhead() {
    const duration = this.#duration;
    const isShown = Boolean(this.#data.fields.x_is_time) && duration > 0;
    if (this.playhead.hidden === isShown) this.playhead.hidden = !isShown;
    if (!isShown) return;
    const { position } = this.session.sound;
    const t = Math.min(1, position / duration);
    const { left, right } = this.#frame;
    this.playhead.style.transform = `translateX(${(t * (right - left) - 1).toFixed(1)}px)`;
    const { seekInput } = this;
    if (seekInput === document.activeElement || Math.abs(Number(seekInput.value) - t) > 0.01)
      seekInput.value = String(t);
    setAttribute(seekInput, "aria-valuetext", `${formatTime(position)} of ${formatTime(duration)}`);
  }

  #scales() {
    const { left, right, top, bottom } = this.#frame;
    const { x, y } = this.#data.fields;
    return { xScale: new Scale(x, [], left, right), yScale: new Scale(y, [], bottom, top) };
  }

  /** @param {CanvasRenderingContext2D} context */
  #draw(context) {
    const { fields } = this.#data;
    if (this.seekArea.hidden !== !fields.x_is_time) this.seekArea.hidden = !fields.x_is_time;
    this.#updateText();
    if (fields.error || !fields.level) return;
    const { width, height } = this.canvas;
    const { left, top } = MARGIN;
    const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
    this.#frame = { left, right, top, bottom };
    Object.assign(this.seekArea.style, {
      ...{ left: `${left}px`, width: `${right - left}px` },
      ...{ top: `${top}px`, height: `${bottom - top}px` },
    });
    this.#updatePlayhead();
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#image, left, top, right - left, bottom - top);
    this.#drawAxes(context);
    this.#drawColorScale(context);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawAxes(context) {
    const { fields } = this.#data;
    const { palette } = this;
    const { left, right, top, bottom } = this.#frame;
    const { xScale, yScale } = this.#scales();
    context.font = this.#font;
    context.fillStyle = palette.muted;
    context.strokeStyle = palette.muted;
    context.textBaseline = "middle";
    context.textAlign = "center";
    for (const { value, label } of xScale.ticks((right - left) / 70)) {
      const x = Math.round(xScale.at(value)) + 0.5;
      strokeLine(context, x, bottom, x, bottom + 4);
      context.fillText(label, x, bottom + 13);
    }
    context.textAlign = "right";
    let free = Number.POSITIVE_INFINITY;
    const ticks = fields.y.labels ? fields.y.labels.length : (bottom - top) / 30;
    for (const { value, label } of yScale.ticks(ticks)) {
      const y = yScale.at(value);
      if (!label || y > free || y > bottom + 2) continue;
      strokeLine(context, left - 4, Math.round(y) + 0.5, left, Math.round(y) + 0.5);
      const name = fields.y.labels?.[value] ?? (value >= 1000 && !yScale.log ? `${value / 1000}k` : label);
      context.fillText(name, left - 8, y);
      free = y - 13;
    }
    context.fillText(fields.y.unit, left - 8, 8);
    context.textAlign = "left";
    context.fillText(fields.x.unit, right + 12, bottom + 13);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawColorScale(context) {
    const { level } = this.#data.fields;
    const { right, top, bottom } = this.#frame;
    context.textAlign = "left";
    context.fillText(level.unit, right + 12, 8);
    for (let y = top; y < bottom; y++) {
      const i = 4 * Math.round((255 * (bottom - 1 - y)) / (bottom - top - 1));
      context.fillStyle = `rgb(${this.#colors.slice(i, i + 3).join()})`;
      context.fillRect(right + 12, y, 8, 1);
    }
    context.fillStyle = this.palette.muted;
    const steps = level.unit === "dB" ? [6, 12, 20, 30, 60] : undefined;
    const levels = new Scale({ ...level, low: this.#lowestLevel, steps }, [], bottom, top);
    for (const { value, label } of levels.ticks((bottom - top) / 30))
      context.fillText(label, right + 26, Math.max(top + 5, Math.min(bottom - 5, levels.at(value))));
  }

  /** Show the values at the pointer, or else the note, or why there is no image. */
  #updateText() {
    const { fields, bytes } = this.#data;
    setAttribute(this.plot, "data-error", String(Boolean(fields.error)));
    const { left, right, top, bottom } = this.#frame;
    const pointer = this.#pointer;
    if (fields.error) {
      setText(this.text, fields.error);
      return;
    }
    const isInside =
      pointer && pointer.x >= left && pointer.x < right && pointer.y >= top && pointer.y < bottom;
    if (!isInside || !bytes.levels) {
      setText(this.text, fields.note || this.label);
      return;
    }
    const { rows, columns, level, x } = fields;
    const { xScale, yScale } = this.#scales();
    const column = Math.floor(((pointer.x - left) / (right - left)) * columns);
    const row = Math.floor(((pointer.y - top) / (bottom - top)) * rows);
    const { low, high } = this.#levelRange;
    const value = low + (bytes.levels[row * columns + column] / 255) * (high - low);
    const xValue = xScale.value(pointer.x);
    const xText = x.unit === "s" ? formatTime(xValue, 2) : formatQuantity(xValue, x.unit);
    const yValue = yScale.value(pointer.y);
    const yText = fields.y.labels?.[Math.round(yValue)] ?? yScale.text(yValue);
    const levelText = formatQuantity(value, level.unit).replace("-", "−").replace("+", "");
    setText(this.text, `${xText} · ${yText} · ${levelText}`);
  }
}
