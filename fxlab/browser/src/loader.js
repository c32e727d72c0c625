import { panelPicture } from "./ui/panel_picture.js";

/** @import { Model } from "./types" */

/**
 * The widget's `_esm`. The panel itself is requested only once per page, and shared by all panels of its version through
 * `globalThis`, because every widget evaluates its own copy of this file.
 *
 * @typedef {{ initialize: (widget: { model: Model }) => { render: (el: HTMLElement) => () => void } }} Bundle
 * @typedef {{ bundle: Promise<Bundle>, receive: (packed: BlobPart) => void, isRequested: boolean }} Slot
 */

/** The bundles of the page by their hash. */
const page = /** @type {{ __fxlab?: Record<string, Slot> }} */ (globalThis);

/** The time until a request is repeated, at first and at most, in ms. */
const FIRST_WAIT = 2000;
const MAX_WAIT = 30_000;

/** Return the slot of a bundle; create it if it does not exist. @param {string} hash @returns {Slot} */
function slotOf(hash) {
  page.__fxlab ??= {};
  const existing = page.__fxlab[hash];
  if (existing) return existing;
  /** @type {Slot["receive"]} */
  let receive = () => {};
  const bundle = new Promise((resolve, reject) => {
    receive = (packed) => {
      // Two panels may have requested the bundle; the second answer is ignored.
      slot.receive = () => {};
      const text = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      new Response(text, { headers: { "content-type": "text/javascript" } })
        .blob()
        // The URL is never revoked, because the audio thread loads it too when the user first presses play.
        .then((code) => import(URL.createObjectURL(code)))
        .then(resolve, reject);
    };
  });
  // A bundle that could not be loaded is requested again when the cell runs again.
  bundle.catch(() => delete page.__fxlab?.[hash]);
  /** @type {Slot} */
  const slot = { bundle, receive, isRequested: false };
  page.__fxlab[hash] = slot;
  return slot;
}

/**
 * Request the bundle until any panel of the page has received it.
 *
 * @param {Model} model
 * @returns {() => void} stops the requests
 */
function requestBundle(model) {
  const slot = slotOf(model.get("bundle"));
  const onMessage = (
    /** @type {{ type: string, hash: string }} */ message,
    /** @type {BlobPart[]} */ buffers,
  ) => {
    if (message.type === "bundle") slotOf(message.hash).receive(buffers[0]);
  };
  model.on("msg:custom", onMessage);
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  let wait = FIRST_WAIT;
  const request = () => {
    slot.isRequested = true;
    timer = setTimeout(request, wait);
    wait = Math.min(2 * wait, MAX_WAIT);
    try {
      model.send({ type: "bundle" });
    } catch {
      // There is no kernel, so the picture stays.
    }
  };
  // If another panel has requested the bundle, its answer serves this panel too, unless its kernel is gone.
  if (slot.isRequested) timer = setTimeout(request, wait);
  else request();
  const stop = () => {
    clearTimeout(timer);
    model.off("msg:custom", onMessage);
  };
  slot.bundle.then(stop, stop);
  return stop;
}

export default () => {
  /** @type {Model | undefined} */
  let firstModel;
  /** @type {ReturnType<Bundle["initialize"]> | undefined} */
  let widget;
  /** @type {(() => void) | undefined} */
  let stopRequests;
  const start = (/** @type {Model} */ model) => {
    firstModel ??= model;
    stopRequests ??= requestBundle(firstModel);
  };
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      start(model);
      return () => stopRequests?.();
    },

    /** @param {{ model: Model, el: HTMLElement }} context */
    render({ model, el }) {
      start(model);
      const picture = panelPicture(el, model.get("spec"));
      let isClosed = false;
      /** @type {(() => void) | undefined} */
      let closePanel;
      slotOf(model.get("bundle")).bundle.then(
        (bundle) => {
          if (isClosed) return;
          widget ??= bundle.initialize({ model: /** @type {Model} */ (firstModel) });
          closePanel = widget.render(el);
          picture.remove();
        },
        (error) => {
          picture.remove();
          panelPicture(el, model.get("spec"), `The panel could not be loaded: ${error}`);
        },
      );
      return () => {
        isClosed = true;
        closePanel?.();
      };
    },
  };
};
