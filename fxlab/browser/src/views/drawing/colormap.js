/** Equidistant colors of matplotlib's "magma", a perceptually uniform colormap. */
const STOPS = "000003 1c1046 50127b 822581 b63679 e65162 fb8861 fec488 fbfcbf".split(" ");

/** Return the 256 colors of the colormap as RGBA bytes, all opaque. */
export function createColormap() {
  const colors = new Uint8ClampedArray(1024).fill(255);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (STOPS.length - 1);
    const index = Math.min(STOPS.length - 2, Math.floor(position));
    for (let channel = 0; channel < 3; channel++) {
      const [from, to] = [STOPS[index], STOPS[index + 1]].map((stop) =>
        Number.parseInt(stop.slice(2 * channel, 2 * channel + 2), 16),
      );
      colors[4 * i + channel] = from + (position - index) * (to - from);
    }
  }
  return colors;
}
