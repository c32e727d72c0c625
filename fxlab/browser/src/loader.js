import { panelPicture } from "./ui/panel_picture.js";

/** @import { Model } from "./types" */

/**
 * The widget's `_esm`. The panel itself is asked for once a page, and shared by all panels of its version
 * through `globalThis`, for every widget evaluates its own copy of this file.
 *
 * @typedef {{ initialize: (widget: { model: Model }) => { render: (el: HTMLElement) => () => void } }} Bundle
 * @typedef {{ bundle: Promise<Bundle>, take: (packed: BlobPart) => void, asked: boolean }} Slot
 */

const page = /** @type {{ __fxlab?: Record<string, Slot> }} */ (globalThis);

/** @param {string} hash @returns {Slot} */
function slotOf(hash) {
  page.__fxlab ??= {};
  const known = page.__fxlab[hash];
  if (known) return known;
  /** @type {Slot["take"]} */
  let take = () => {};
  const bundle = new Promise((resolve, reject) => {
    take = (packed) => {
      // Two panels may have asked; one answer is enough.
      slot.take = () => {};
      const text = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      new Response(text, { headers: { "content-type": "text/javascript" } })
        .blob()
        // Never revoked: the audio thread loads it too, whenever somebody first presses play.
        .then((code) => import(URL.createObjectURL(code)))
        .then(resolve, reject);
    };
  });
  // What could not be loaded is asked for again when the cell runs again.
  bundle.catch(() => delete page.__fxlab?.[hash]);
  /** @type {Slot} */
  const slot = { bundle, take, asked: false };
  page.__fxlab[hash] = slot;
  return slot;
}

/** Ask until somebody on the page has the bundle. @param {Model} model @returns {() => void} */
function fetchBundle(model) {
  const slot = slotOf(model.get("bundle"));
  const hear = (/** @type {{ type: string, hash: string }} */ message, /** @type {BlobPart[]} */ buffers) => {
    if (message.type === "bundle") slotOf(message.hash).take(buffers[0]);
  };
  model.on("msg:custom", hear);
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  let wait = 2000;
  const ask = () => {
    slot.asked = true;
    timer = setTimeout(ask, wait);
    wait = Math.min(2 * wait, 30000);
    try {
      model.send({ type: "bundle" });
    } catch {
      // No kernel: the picture stays.
    }
  };
  // Another panel's question serves this one too, unless its kernel is gone.
  if (slot.asked) timer = setTimeout(ask, wait);
  else ask();
  const stop = () => {
    clearTimeout(timer);
    model.off("msg:custom", hear);
  };
  slot.bundle.then(stop, stop);
  return stop;
}

export default () => {
  /** @type {Model | undefined} */
  let own;
  /** @type {ReturnType<Bundle["initialize"]> | undefined} */
  let widget;
  /** @type {(() => void) | undefined} */
  let stop;
  const start = (/** @type {Model} */ model) => {
    own ??= model;
    stop ??= fetchBundle(own);
  };
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      start(model);
      return () => stop?.();
    },

    /** @param {{ model: Model, el: HTMLElement }} context */
    render({ model, el }) {
      start(model);
      const shown = panelPicture(el, model.get("spec"));
      let gone = false;
      /** @type {(() => void) | undefined} */
      let remove;
      slotOf(model.get("bundle")).bundle.then(
        (bundle) => {
          if (gone) return;
          widget ??= bundle.initialize({ model: /** @type {Model} */ (own) });
          remove = widget.render(el);
          shown.remove();
        },
        (error) => {
          shown.remove();
          panelPicture(el, model.get("spec"), `The panel could not be loaded: ${error}`);
        },
      );
      return () => {
        gone = true;
        remove?.();
      };
    },
  };
};
