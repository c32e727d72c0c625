/**
 * Shows the built panel on a page of its own, with a simulated kernel: harness.html?chain=eq&theme=dark&views=2.
 */
import { Kernel } from "./fake_kernel.js";

const query = new URLSearchParams(location.search);
const page = /** @type {any} */ (globalThis);
document.body.className = query.get("theme") ?? "light";

// The built files, as a notebook gets them, not the sources.
const dist = "../../../fxlab/browser/dist";
const { default: loader } = await import(`${dist}/loader.js`);
const bundle = await (await fetch(`${dist}/panel.js`)).text();
const kernel = new Kernel({
  bundle,
  chain: query.get("chain") ?? "lowpass",
  sound: query.get("sound") ?? "music",
  seconds: Number(query.get("seconds") ?? 6),
  channels: Number(query.get("channels") ?? 2),
  devices: query.get("devices")?.split(",") ?? ["cpu"],
});
const model = kernel.model();
if (query.has("dead")) model.send = () => {};
const widget = loader();
widget.initialize({ model });

/** @type {(() => void)[]} */
const disposers = [];
page.addView = () => {
  const el = document.createElement("div");
  el.style.marginBottom = "16px";
  document.querySelector("#views")?.append(el);
  const dispose = widget.render({ model, el });
  disposers.push(() => {
    dispose();
    el.remove();
  });
};
page.removeView = () => disposers.pop()?.();
page.kernel = kernel;
for (let i = 0; i < Number(query.get("views") ?? 1); i++) page.addView();
