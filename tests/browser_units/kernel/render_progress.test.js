import { describe, expect, it } from "vitest";
import { RenderProgress } from "../../../fxlab/browser/src/kernel/render_progress.js";

/**
 * A status message.
 *
 * @param {number} seq @param {"rendering" | "idle" | "error"} state @param {number} [progress]
 */
const status = (seq, state, progress) =>
  /** @type {const} */ ({
    type: "status",
    seq,
    state,
    message: "",
    path: null,
    ...(progress !== undefined && { progress }),
  });

describe("the state of the render", () => {
  it("is idle only after the answer to the last change", () => {
    const render = new RenderProgress();
    render.onSent(false);
    render.onStatus(status(1, "idle"), 2);
    expect(render.state).toBe("rendering");
    render.onStatus(status(2, "idle"), 2);
    expect(render.state).toBe("idle");
  });

  it("ignores the progress of a render that has ended", () => {
    const render = new RenderProgress();
    render.onStatus(status(1, "rendering", 0.5), 1);
    expect([render.state, render.progress]).toEqual(["rendering", 0.5]);
    render.onStatus(status(1, "idle"), 1);
    expect(render.onStatus(status(1, "rendering", 0.9), 1)).toBe(false);
    expect([render.state, render.progress]).toEqual(["idle", null]);
  });

  it("is an error while the kernel does not answer, and then what it was", () => {
    const render = new RenderProgress();
    render.onSent(false);
    render.onKernelStatus("silent", 1, false);
    expect(render.state).toBe("error");
    render.onSent(true);
    expect(render.state).toBe("error");
    render.onKernelStatus("available", 1, false);
    expect(render.state).toBe("rendering");
    render.onStatus(status(1, "idle"), 1);
    render.onKernelStatus("gone", 1, false);
    render.onKernelStatus("available", 1, true);
    expect(render.state).toBe("error");
    render.onKernelStatus("available", 1, false);
    expect(render.state).toBe("idle");
  });
});
