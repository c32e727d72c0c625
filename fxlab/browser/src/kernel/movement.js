import { float32, int16 } from "./buffers.js";
import { allParams } from "./spec.js";

/**
 * @import { Answer, Moments, MomentsRequest, Playhead, Spec, Values } from "../types"
 *
 * @typedef {Moments & { values: Float32Array, levels: Int16Array, generation: number }} Segment
 *
 * @typedef {{ response: Float32Array | null, stages: Map<string, Float32Array> }} Responses in dB, at one moment
 */

/** The duration of a segment, in s. */
const SEGMENT = 1;
/** How many segments are kept: a loop of this many seconds is asked for only once. */
const MAX_SEGMENTS = 90;
/** How long after the last change the movement is asked for again, in ms, and how long after the first change at most. */
const CHANGE_WAIT = 250;
const MAX_CHANGE_WAIT = 900;

/** Return the value between two neighbors in an array. @param {ArrayLike<number>} values @param {number} i @param {number} share */
const between = (values, i, share) => values[i] + share * (values[i + 1] - values[i]);

/**
 * Where the parameters that move are while the sound plays. The kernel is asked for one segment of the sound after the
 * other, somewhat ahead of the playhead, and not for every moment.
 */
export class Movement {
  /** By the number of the segment in the sound. @type {Map<number, Segment>} */ #segments = new Map();
  /** Counts the changes; segments of an earlier generation are shown until others have arrived. */ #generation = 0;
  #isAsking = false;
  #isClosed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  /** When the movement has to be asked for again at the latest, in ms. */ #latest = 0;
  /** The parameters that move. @type {string[]} */ paths = [];

  /**
   * @param {{
   *   spec: Spec,
   *   sound: { place: Playhead, duration: number },
   *   connection: { sendQuery: (name: "moments", fields: MomentsRequest) => Promise<Answer> },
   * }} session
   * @param {() => void} onChange is called when a segment has arrived
   */
  constructor(session, onChange) {
    this.session = session;
    this.onChange = onChange;
    this.onSpec();
  }

  /** Whether any parameter moves. */
  get any() {
    return this.paths.length > 0;
  }

  /** The spec has changed. */
  onSpec() {
    this.paths = allParams(this.session.spec)
      .filter(({ movement }) => movement)
      .map(({ path }) => path);
    this.#segments.clear();
    this.onValues();
  }

  /** Values or the axes have changed, so what was received is out of date. */
  onValues() {
    this.#generation += 1;
    if (!this.any) return;
    // While a slider is dragged its sound comes first.
    const now = performance.now();
    if (this.#timer === undefined) this.#latest = now + MAX_CHANGE_WAIT;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.update();
      },
      Math.min(CHANGE_WAIT, Math.max(0, this.#latest - now)),
    );
  }

  /** Ask for the segment at the playhead or for the next one, if it is missing. */
  update() {
    if (!this.any || this.#isAsking || this.#isClosed || this.#timer !== undefined) return;
    const { duration, place } = this.session.sound;
    const { position, loop, playing } = place;
    const now = Math.floor(position / SEGMENT);
    const [start, end] = loop ?? [0, duration];
    const next = (now + 1) * SEGMENT < Math.min(end, duration) ? now + 1 : Math.floor(start / SEGMENT);
    const missing = [now, ...(playing ? [next] : [])].find(
      (index) => this.#segments.get(index)?.generation !== this.#generation,
    );
    if (missing !== undefined) this.#ask(missing);
  }

  /** @param {number} index */
  async #ask(index) {
    const generation = this.#generation;
    this.#isAsking = true;
    const request = { start: index * SEGMENT, seconds: SEGMENT };
    const { moments, buffers } = await this.session.connection.sendQuery("moments", request);
    this.#isAsking = false;
    if (!moments || this.#isClosed) return;
    this.#segments.delete(index);
    const [values, levels] = [float32(buffers[0]), int16(buffers[1])];
    this.#segments.set(index, { ...moments, values, levels, generation });
    for (const oldest of this.#segments.keys()) {
      if (this.#segments.size <= MAX_SEGMENTS) break;
      this.#segments.delete(oldest);
    }
    this.onChange();
    this.update();
  }

  /** @param {number} seconds */
  #at(seconds) {
    return this.#segments.get(Math.floor(seconds / SEGMENT));
  }

  /**
   * Return all values, those of parameters that move at a time as far as they are known.
   *
   * @param {Values} fixed the other values
   * @param {number} seconds
   * @returns {Values}
   */
  valuesAt(fixed, seconds) {
    const segment = this.any ? this.#at(seconds) : null;
    if (!segment) return fixed;
    const values = { ...fixed };
    const { paths, count, start, step } = segment;
    const place = Math.max(0, Math.min((seconds - start) / step, count - 1));
    const left = Math.min(Math.floor(place), count - 2);
    paths.forEach((path, row) => {
      values[path] = between(segment.values, row * count + left, place - left);
    });
    return values;
  }

  /** Return the range in which a parameter moves, if it is known. @param {number} seconds @param {string} path */
  limitsAt(seconds, path) {
    const segment = this.#at(seconds);
    return segment?.limits[segment.paths.indexOf(path)];
  }

  /**
   * Return the responses at a time, as far as they are known.
   *
   * @param {number} seconds
   * @param {number} points the number of frequencies of the curves
   * @returns {Responses | null}
   */
  responsesAt(seconds, points) {
    const segment = this.#at(seconds);
    if (!segment) return null;
    const { levels, start } = segment;
    const { curve_count: count, curve_step: step, has_response: hasResponse, stage_paths: stages } = segment;
    const curves = stages.length + Number(hasResponse);
    if (levels.length !== count * curves * points) return null;
    const place = Math.max(0, Math.min((seconds - start) / step, count - 1));
    const left = Math.min(Math.floor(place), count - 2);
    const share = place - left;
    const curve = (/** @type {number} */ row) => {
      const first = (left * curves + row) * points;
      const second = first + curves * points;
      return Float32Array.from(
        { length: points },
        (_, i) => (levels[first + i] + share * (levels[second + i] - levels[first + i])) / 100,
      );
    };
    return {
      response: hasResponse ? curve(0) : null,
      stages: new Map(stages.map((path, i) => [path, curve(i + Number(hasResponse))])),
    };
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
}
