import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Session } from "../../../fxlab/browser/src/kernel/session.js";
import { Files } from "../../../fxlab/browser/src/ui/files.js";

/** As much of an element as the parts of a panel ask of one where there is no page. */
class Node {
  dataset = {};
  style = {};
  hidden = false;
  classList = { toggle: () => {} };
  /** @type {Record<string, string>} */ attributes = {};
  /** @type {Node[]} */ static clicked = [];

  /** @param {string} name */
  constructor(name) {
    this.tagName = name.toUpperCase();
  }

  /** @param {string} name @param {string} value */
  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  append() {}

  addEventListener() {}

  focus() {}

  click() {
    Node.clicked.push(this);
  }
}

/** @type {Session[]} */
let open = [];

beforeEach(() => {
  vi.useFakeTimers();
  Node.clicked = [];
  vi.stubGlobal("document", { createElement: (/** @type {string} */ name) => new Node(name) });
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("removeEventListener", () => {});
});

afterEach(() => {
  for (const session of open) session.close();
  open = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A panel's session and its files, and the far end of its line. */
function openSession() {
  /** @type {any[]} */ const sent = [];
  /** @type {Map<string, (...args: any[]) => void>} */ const listeners = new Map();
  const spec = {
    rate: 8000,
    frames: 8000,
    channels: 1,
    device: "cpu",
    stages: [],
    views: [],
    open_views: [],
    projector: false,
  };
  /** @type {any} */
  const model = {
    get: () => ({ ...spec, title: "LowPass" }),
    set: () => {},
    save_changes: () => {},
    on: (/** @type {string} */ name, /** @type {any} */ callback) => listeners.set(name, callback),
    off: (/** @type {string} */ name) => listeners.delete(name),
    send: (/** @type {any} */ content) => sent.push(content),
  };
  const session = new Session(model);
  open.push(session);
  const receive = (/** @type {any} */ message, /** @type {any[]} */ buffers = []) =>
    listeners.get("msg:custom")?.(message, buffers);
  receive({ type: "status", seq: 0, state: "idle", message: "", path: null });
  const files = new Files(session, /** @type {any} */ (new Node("div")));
  const asked = (/** @type {string} */ name) => sent.filter((message) => message.name === name);
  return { session, files, sent, receive, asked, die: () => listeners.get("comm_live_update")?.() };
}

/** Whether a promise is settled, a turn of the page later. @param {Promise<unknown>} promise */
async function settled(promise) {
  let done = false;
  promise.then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe("a question to the kernel", () => {
  it("is answered with its buffers, and no other question is", async () => {
    const { session, asked, receive } = openSession();
    const code = session.query("code");
    const other = session.query("module_catalog");
    await vi.advanceTimersByTimeAsync(0);
    const bytes = new Uint8Array([1, 2]).buffer;
    receive(
      {
        type: "batch",
        messages: [{ type: "answer", request: asked("code")[0].request, text: "x" }],
        buffer_counts: [1],
      },
      [bytes],
    );
    expect(await code).toMatchObject({ text: "x", buffers: [bytes] });
    expect(await settled(other)).toBe(false);
    expect(session.notices.error).toBe(null);
  });

  it("ends with what went wrong where it cannot be done", async () => {
    const { session, asked, receive } = openSession();
    const answer = session.query("code");
    receive({ type: "answer", request: asked("code")[0].request, error: "too long to be written down" });
    expect(await answer).toBe(null);
    expect(session.notices.error?.message).toBe("too long to be written down");
  });

  it("ends when the kernel goes away, and is not even asked when it is gone", async () => {
    const { session, sent, die } = openSession();
    const answers = [session.query("code"), session.query("save_preset", { preset: "warm" })];
    die();
    expect(await Promise.all(answers)).toEqual([null, null]);
    expect(session.notices.error?.message).toContain("The kernel is gone");
    const said = sent.length;
    expect(await session.query("code")).toBe(null);
    expect(sent.length).toBe(said);
    expect(session.notices.error?.message).toContain("Run the cell again");
  });

  it("ends where nobody answers for long, whatever came between, and each time anew", async () => {
    const { session, receive, sent } = openSession();
    const first = session.query("download", { format: "wav", part: 0, download: 1 });
    // At work: it says how far a render is, and that it is there.
    receive({ type: "status", seq: 1, state: "rendering", message: "", path: null, progress: 0.5 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent.at(-1).type).toBe("ping");
    receive({ type: "pong" });
    await vi.advanceTimersByTimeAsync(9900);
    expect(await settled(first)).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await first).toBe(null);
    expect(session.notices.error?.message).toContain("busy, or gone");
    // Asked again while it is silent still.
    const second = session.query("code");
    await vi.advanceTimersByTimeAsync(9900);
    expect(await settled(second)).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await second).toBe(null);
    // It was only busy: what is asked now is answered, however long it takes.
    const third = session.query("code");
    for (let n = 0; n < 5; n++) {
      await vi.advanceTimersByTimeAsync(5000);
      receive({ type: "pong" });
    }
    expect(await settled(third)).toBe(false);
    expect(session.notices.active).toEqual([]);
    const { request } = sent.filter(({ name }) => name === "code").at(-1);
    receive({ type: "answer", request, text: "y" });
    expect((await third)?.text).toBe("y");
  });
});

describe("a download", () => {
  it("says that the file is being made for as long as that takes, and gives it", async () => {
    const { session, files, asked, receive } = openSession();
    const done = files.download("wav");
    for (let n = 0; n < 4; n++) {
      await vi.advanceTimersByTimeAsync(4000);
      expect(session.notices.message).toBe("Creating the file…");
      receive({ type: "pong" });
    }
    const answer = { type: "answer", mime: "audio/wav" };
    receive({ ...answer, request: asked("download")[0].request, more: true }, [new ArrayBuffer(4)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked("download")[1].part).toBe(1);
    receive({ ...answer, request: asked("download")[1].request, more: false }, [new ArrayBuffer(2)]);
    await done;
    expect(session.notices.message).toBe("");
    expect(Node.clicked.map(({ attributes }) => attributes.download)).toEqual(["LowPass.wav"]);
  });

  it("ends between two parts where the kernel dies, and no half of a file is kept", async () => {
    const { session, files, asked, receive, die } = openSession();
    const done = files.download("flac");
    receive({ type: "answer", request: asked("download")[0].request, more: true, mime: "audio/flac" }, [
      new ArrayBuffer(4),
    ]);
    await vi.advanceTimersByTimeAsync(0);
    die();
    await done;
    expect(session.notices.message).toBe("");
    expect(session.notices.error?.message).toContain("The kernel is gone");
    expect(Node.clicked).toEqual([]);
  });

  it("says so at once where the kernel is gone, and so does a file that is dropped", async () => {
    const { session, files, die } = openSession();
    die();
    await files.download("wav");
    expect(session.notices.error?.message).toContain("The kernel is gone");
    session.notices.error = null;
    await files.load(new File([new Uint8Array(10)], "a.wav"));
    expect(session.notices.error).toMatchObject({ message: expect.stringContaining("The kernel is gone") });
    expect(session.notices.message).toBe("");
  });
});
