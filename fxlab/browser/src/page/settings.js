import { valuesOf } from "../kernel/spec.js";

/** @import { EditorState, Spec, Values } from "../types" */

/** Changes closer together than this are one step of the history, in ms. */
const DRAG = 700;

/** The most steps that can be undone. */
const MAX_STEPS = 200;

/** The ways to leave out stages of a chain. @type {("bypassed" | "soloed")[]} */
const LEFT_OUT = ["bypassed", "soloed"];

/** @param {Values} a @param {Values} b */
const areEqual = (a, b) =>
  Object.keys(a).every((path) => JSON.stringify(a[path]) === JSON.stringify(b[path]));

/**
 * The values of a page without a kernel, their history, the settings A to D and the presets. Which stages are bypassed and
 * soloed is among the values, with paths such as `0.bypassed`.
 */
export class Settings {
  /** @type {Values} */ values;
  /** @type {Values[]} */ #past = [];
  /** @type {Values[]} */ #future = [];
  #lastChange = { time: 0, path: "" };
  #selected = "A";
  /** @type {Map<string, Values>} */ #slots = new Map();
  /** @type {Map<string, Values>} */ #presets = new Map();

  /** The indices of the stages that can be left out. @type {number[]} */ #stages;

  /** The parameters that choose a draw; the program has the draws from 1 to `high`. @type {{ path: string, high: number }[]} */
  #draws;

  /** @param {Spec} spec @param {{ bypassed: number[], soloed: number[] }} [leftOut] */
  constructor(spec, leftOut = { bypassed: [], soloed: [] }) {
    this.values = valuesOf(spec);
    const params = spec.stages.flatMap((stage) => stage.params);
    this.#draws = params.flatMap(({ kind, path, high }) => (kind === "draw" && high ? [{ path, high }] : []));
    this.#stages = spec.stages.flatMap(({ index }) => (typeof index === "number" ? [index] : []));
    for (const state of LEFT_OUT) {
      for (const index of this.#stages) this.values[`${index}.${state}`] = leftOut[state].includes(index);
    }
  }

  /** @param {"bypassed" | "soloed"} state */
  #indices(state) {
    return this.#stages.filter((index) => this.values[`${index}.${state}`]);
  }

  /**
   * The values for the program, in which a stage is also bypassed if another one is soloed, and draws begin again after
   * the last one.
   *
   * @returns {Values}
   */
  get forProgram() {
    const soloed = this.#indices("soloed");
    const silent = this.#stages.filter((index) => soloed.length > 0 && !soloed.includes(index));
    const draws = this.#draws.map(({ path, high }) => [path, 1 + ((Number(this.values[path]) - 1) % high)]);
    const bypassed = silent.map((index) => [`${index}.bypassed`, true]);
    return { ...this.values, ...Object.fromEntries([...draws, ...bypassed]) };
  }

  /** The state of the buttons that undo, compare and recall. @returns {EditorState} */
  get state() {
    return {
      can_undo: this.#past.length > 0,
      can_redo: this.#future.length > 0,
      selected: this.#selected,
      used: [...new Set([this.#selected, ...this.#slots.keys()])].sort(),
      presets: [...this.#presets.keys()],
      bypassed: this.#indices("bypassed"),
      soloed: this.#indices("soloed"),
      is_chain: this.#stages.length > 0,
    };
  }

  /** Set the values that the page shows; return whether the state of the buttons has changed. @param {Values} values */
  set(values) {
    const path = Object.keys(this.values).find(
      (name) => name in values && !areEqual({ [name]: this.values[name] }, values),
    );
    if (path === undefined) return false;
    const now = performance.now();
    const isDrag = path === this.#lastChange.path && now - this.#lastChange.time < DRAG;
    this.#lastChange = { time: now, path };
    if (!isDrag) this.#record();
    for (const name of Object.keys(this.values)) {
      if (name in values) this.values = { ...this.values, [name]: values[name] };
    }
    return !isDrag;
  }

  #record() {
    this.#past = [...this.#past.slice(1 - MAX_STEPS), this.values];
    this.#future = [];
  }

  /**
   * Run a command or answer a query; return why it cannot be done, or null.
   *
   * @param {string} name @param {Record<string, any>} fields
   */
  run(name, fields) {
    this.#lastChange = { time: 0, path: "" };
    if (name === "undo") this.#step(this.#past, this.#future);
    else if (name === "redo") this.#step(this.#future, this.#past);
    else if (name === "select_settings") this.#select(fields.letter);
    else if (name === "copy_settings") this.#slots.set(fields.letter, this.values);
    else if (name === "save_preset") this.#presets.set(fields.preset, this.values);
    else if (name === "delete_preset") this.#presets.delete(fields.preset);
    else if (name === "recall_preset") this.#recall(this.#presets.get(fields.preset) ?? this.values);
    else if (name === "set_stage_state") {
      this.#recall({ ...this.values, [`${fields.index}.${fields.state}`]: fields.on });
    } else return "This page has no kernel, so it cannot do that. Open the notebook for it.";
    return null;
  }

  /** @param {Values[]} from @param {Values[]} to */
  #step(from, to) {
    const values = from.pop();
    if (!values) return;
    to.push(this.values);
    this.values = values;
  }

  /** @param {string} letter */
  #select(letter) {
    this.#slots.set(this.#selected, this.values);
    this.#selected = letter;
    this.#recall(this.#slots.get(letter) ?? this.values);
  }

  /** @param {Values} values */
  #recall(values) {
    if (areEqual(values, this.values)) return;
    this.#record();
    this.values = values;
  }
}
