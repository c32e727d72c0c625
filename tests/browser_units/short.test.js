import { expect, it } from "vitest";
import { shortened, written } from "../../fxlab/browser/short.mjs";

it("gives a style sheet back as it was, and shorter in the bundle", () => {
  const css =
    ".fxlab-panel{color:var(--fx-text)}.fxlab-panel .a,.fxlab-panel[data-x] .b{border:1px solid var(--fx-line)}";
  expect(written(shortened(css))).toBe(css);
  expect(shortened(css).length).toBeLessThan(css.length - 20);
});
