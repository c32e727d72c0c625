/**
 * Return the position of `frequency` in a sorted grid as an index with a fraction.
 *
 * @param {ArrayLike<number>} grid
 * @param {number} frequency
 */
export function indexAt(grid, frequency) {
  let low = 0;
  let high = grid.length - 1;
  if (high < 0 || !(frequency > grid[0])) return 0;
  if (frequency >= grid[high]) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (grid[middle] <= frequency) low = middle;
    else high = middle;
  }
  return low + (frequency - grid[low]) / (grid[high] - grid[low]);
}

/** Return a curve's value at an index with a fraction. @param {ArrayLike<number>} curve @param {number} index */
export function valueAt(curve, index) {
  const left = Math.min(Math.floor(index), curve.length - 1);
  const right = Math.min(left + 1, curve.length - 1);
  return curve[left] + (index - left) * (curve[right] - curve[left]);
}
