/** Even steps of matplotlib's "magma", in which equal differences look equal. */
const STOPS = "000003 1c1046 50127b 822581 b63679 e65162 fb8861 fec488 fbfcbf".split(" ");

/** The 256 colours of a level, red, green, blue and opaque. */
export function colormap() {
  const colors = new Uint8ClampedArray(1024).fill(255);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (STOPS.length - 1);
    const at = Math.min(STOPS.length - 2, Math.floor(place));
    for (let c = 0; c < 3; c++) {
      const [from, to] = [STOPS[at], STOPS[at + 1]].map((stop) =>
        Number.parseInt(stop.slice(2 * c, 2 * c + 2), 16),
      );
      colors[4 * i + c] = from + (place - at) * (to - from);
    }
  }
  return colors;
}
