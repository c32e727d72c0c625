/**
 * Return the font of the labels in a plot, for a canvas: it follows the panel's font and, in the projector mode, its size.
 *
 * @param {Element} node an element of the panel
 */
export function plotFont(node) {
  const style = getComputedStyle(node);
  return `${style.getPropertyValue("--fx-plot-font-size").trim() || "11px"} ${style.fontFamily}`;
}
