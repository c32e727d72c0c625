import { expect, test } from "vitest";
import { PageModel } from "../../../fxlab/browser/src/page/page_model.js";

test("what the panel sends before the sound is decoded reaches the kernel afterwards, in order", async () => {
  const model = new PageModel({});
  model.send({ type: "ready" });
  model.set("params", { seq: 1 });
  model.save_changes();
  /** @type {unknown[]} */
  const received = [];
  model.receiver = {
    onParams: (params) => received.push(params),
    onMessage: (message) => received.push(message),
  };
  model.send({ type: "ping" });
  expect(received).toEqual([]);
  await Promise.resolve();
  expect(received).toEqual([{ type: "ready" }, { seq: 1 }, { type: "ping" }]);
});
