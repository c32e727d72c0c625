import { float32, int16 } from "../kernel/buffers.js";
import { Levels } from "./levels.js";
import { ListeningMode, SHORTEST_SELECTION } from "./listening_mode.js";
import { Peaks } from "./peaks.js";
import { Player } from "./player.js";
import { Prefetch } from "./prefetch.js";

/** @import { AudioMessage, OverviewMessage, Playhead, Spec } from "../types" */
/** @import { Notices } from "../ui/notices.js" */
/** @import { LiveModule, Report } from "./messages" */

/** For how long after a parameter change its sound is expected, in ms. */
const RESPONSE_TIME = 100;

/** How often the views are told of the playhead during that time, in ms. */
const POSITION_INTERVAL = 80;

/** The playback of a session: its input and renders, the playhead, the settings, and the levels. */
export class Playback {
  /** The waveform of the input. */ dry = new Peaks();
  /** The waveform of the render. */ wet = new Peaks();
  playing = false;
  /** Whether playback is halted until more audio arrives. */ waiting = false;
  /** The playhead, in seconds. */ position = 0;
  /** The number of the render that plays. */ playingSeq = 0;
  /** The last report of the player. @type {Report | null} */ report = null;
  /** The levels before the volume control. */
  levels = { input: new Levels(), output: new Levels() };
  /** From a parameter change in this page to its sound, in ms. @type {number | null} */ latency = null;
  /** From the time when the current render began to play to its report, in ms. */ reportDelay = 0;
  /** The last parameter change: its number, and its time in ms or 0 if its sound has been reported. */
  #lastChange = { seq: 0, time: 0 };
  /** When the views were last told of the playhead, in ms. */ #positionTime = 0;
  /** The loudness match that was last reported. @type {number | null} */ #matchGainDb = null;

  /**
   * @param {{
   *   spec: () => Spec,
   *   isIdle: () => boolean,
   *   requestAudio: (wetAhead: number, dryAhead: number) => void,
   *   notices: Notices,
   *   notify: (topic: "status" | "wave" | "transport" | "position") => void,
   *   live: LiveModule | null,
   * }} session `isIdle` is false while the kernel is sending anyway; `requestAudio` asks the kernel for the audio ahead of
   *   the playhead; `live` is the compiled module that plays, in a page without a kernel
   */
  constructor(session) {
    this.session = session;
    this.player = this.#createPlayer();
    this.listening = new ListeningMode(
      (command) => this.player.send(command),
      () => session.notify("transport"),
    );
    this.prefetch = new Prefetch(session.requestAudio);
  }

  #createPlayer() {
    return new Player(this.#onReport, (text) => this.session.notices.add(text), this.session.live);
  }

  /** In seconds: of the render, which may be longer than the input. */
  get duration() {
    if (this.wet.frames > 0) return this.wet.seconds;
    const { rate, frames } = this.session.spec();
    return rate > 0 ? frames / rate : 0;
  }

  /** The playhead and the loop in seconds, and whether it plays. @returns {Playhead} */
  get place() {
    const { playing, position } = this;
    const { loop, selection } = this.listening;
    const { start, end } = selection ?? { start: 0, end: this.duration };
    return { position, loop: loop ? [start, end] : null, playing };
  }

  /** Whether a parameter change is not audible yet. Other work of the page can wait until it is. */
  get isResponding() {
    return performance.now() - this.#lastChange.time < RESPONSE_TIME;
  }

  /** Note that a parameter change was sent. @param {number} seq */
  onChangeSent(seq) {
    this.#lastChange = { seq, time: performance.now() };
  }

  /** Play or pause. The first call with `on` has to be in a click or key handler. @param {boolean} on */
  play(on) {
    const { notify, notices } = this.session;
    this.playing = on;
    if (!on) this.#clearLevels();
    notify("transport");
    this.player.play(on, this.session.spec().rate).catch((error) => {
      this.playing = false;
      notices.add(`Playback could not start: ${error.message ?? error}`);
      notify("transport");
    });
  }

  /** Go to the start of another sound. @param {boolean} needsNewPlayer because its rate or channels differ */
  restart(needsNewPlayer) {
    if (needsNewPlayer && this.player.hasStarted) {
      this.player.close();
      this.player = this.#createPlayer();
      this.listening.resend();
      if (this.playing) this.play(true);
    }
    this.listening.select(0, 0);
    this.seek(0);
  }

  #clearLevels() {
    for (const levels of Object.values(this.levels)) levels.clear();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.position = Math.max(0, Math.min(seconds, this.duration));
    this.prefetch.onSeek();
    this.player.send({ type: "seek", seconds: this.position });
    this.session.notify("position");
  }

  /**
   * Loop a part, and move the playhead into it. An empty part removes the selection.
   *
   * @param {number} start in seconds
   * @param {number} end in seconds
   */
  select(start, end) {
    this.listening.select(start, end);
    const { selection } = this.listening;
    if (!selection && end > start) {
      this.session.notices.showMessage(
        `Too short to loop: a selection lasts at least ${SHORTEST_SELECTION} s.`,
      );
    }
    if (selection && (this.position < selection.start || this.position >= selection.end)) {
      this.seek(selection.start);
    }
  }

  /** Add a chunk from the kernel. @param {AudioMessage} message @param {(ArrayBuffer | ArrayBufferView)[]} buffers */
  addChunk(message, buffers) {
    const { dry, seq, frames, channels, rate, scale, start, count, last } = message;
    const { clip: clipId, match_gain_db: matchGainDb } = message;
    const chunk = { dry, seq, clipId, frames, channels, rate, scale, start, count, last, matchGainDb };
    // The audio thread gets it first, because the drawing can wait.
    this.player.addChunk(chunk, int16(buffers[0]));
    (dry ? this.dry : this.wet).write(chunk, int16(buffers[0]));
    if (!dry) this.listening.setInputOnly(false);
    this.session.notify("wave");
  }

  /**
   * Set the waveform of a long sound, of which the page gets only parts.
   *
   * @param {OverviewMessage} message
   * @param {(ArrayBuffer | ArrayBufferView)[]} buffers
   */
  setOverview(message, buffers) {
    (message.dry ? this.dry : this.wet).setOverview(message, float32(buffers[0]), float32(buffers[1]));
    this.session.notify("wave");
  }

  /** Set the gain that makes a render as loud as the input. @param {number} seq @param {number | null} matchGainDb */
  setMatchGain(seq, matchGainDb) {
    this.player.send({ type: "match-gain", seq, matchGainDb });
  }

  close() {
    this.player.close();
  }

  #onReport = (/** @type {Report} */ report) => {
    const { notify, notices } = this.session;
    this.position = report.position;
    this.report = report;
    // The player in the page reuses its report, so that the gain before is kept apart.
    const hasNewGain = report.matchGainDb !== this.#matchGainDb;
    this.#matchGainDb = report.matchGainDb;
    if (hasNewGain) notify("transport");
    if (this.playing) {
      this.levels.input.add(report.input);
      this.levels.output.add(report.output);
    }
    if (report.hasInvalidSamples) {
      notices.add("The sound contains values that are not finite (NaN or infinity); they are muted.");
    }
    this.prefetch.update(report, this.session.isIdle());
    if (report.seq !== this.playingSeq) this.#onRender(report);
    if (report.ended || report.waiting !== this.waiting) {
      if (report.ended) {
        this.playing = false;
        this.#clearLevels();
      }
      this.waiting = report.waiting;
      if (report.ended) this.player.play(false, this.session.spec().rate);
      notify("transport");
    }
    const now = performance.now();
    if (this.isResponding && now - this.#positionTime < POSITION_INTERVAL) return;
    this.#positionTime = now;
    notify("position");
  };

  /** Note that another render plays. @param {Report} report */
  #onRender({ seq, time }) {
    this.playingSeq = seq;
    this.reportDelay = Math.max(0, Date.now() - time);
    if (seq >= this.#lastChange.seq && this.#lastChange.time > 0) {
      this.latency = performance.now() - this.reportDelay - this.#lastChange.time;
      this.#lastChange = { seq, time: 0 };
    }
    this.session.notify("status");
  }
}
