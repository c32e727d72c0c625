/** What the style sheet says on every line, and the sign that stands for it in the bundle: signs that CSS has not. */
const SHORT = [
  [".fxlab-panel ", "$"],
  ["var(--fx-", "?"],
];

/** @param {string} css */
export const shortened = (css) => SHORT.reduce((text, [long, sign]) => text.replaceAll(long, sign), css);

/** @param {string} css */
export const written = (css) => SHORT.reduce((text, [long, sign]) => text.replaceAll(sign, long), css);
