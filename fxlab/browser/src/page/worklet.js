import { LivePlayer } from "../audio/live_player.js";
import { registerMonitor } from "../audio/monitor_processor.js";
import { PROCESSOR } from "./page_program.js";
import { findProgram } from "./programs.js";

// Only the audio thread has `registerProcessor`.
if (typeof registerProcessor === "function") {
  registerMonitor(
    PROCESSOR,
    (rate, outputs, { program }) => new LivePlayer({ rate, outputs, program: findProgram(program) }),
  );
}
