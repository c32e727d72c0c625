"""The impulse response of a rectangular room in C."""

from __future__ import annotations

ROOM: dict[str, tuple[tuple[str, ...], str]] = {
    "shoeboxResponse": (
        (
            """
/* Add an impulse between samples by cubic interpolation; what lies behind the end is left out. */
static void add_impulse(double *taps, int size, double delay, double level) {
  const int whole = delay < 1.0 ? 0 : (int)delay - 1;
  if (whole + 4 > size) return;
  const double d = delay - whole;
  taps[whole] -= level * (d - 1) * (d - 2) * (d - 3) / 6;
  taps[whole + 1] += level * d * (d - 2) * (d - 3) / 2;
  taps[whole + 2] -= level * d * (d - 1) * (d - 3) / 2;
  taps[whole + 3] += level * d * (d - 1) * (d - 2) / 6;
}
""",
        ),
        """
/* An image along an axis is one of 2 (order + 2): mirrored or not, in one of the rooms. */
static void shoeboxResponse(double *taps, const double *room, const double *source, const double *listener,
                            const double *absorption, int rows, int size, int order, double rate, double *scratch) {
  const int most = order + 2 - order % 2, count = 2 * (most + 1); /* rooms from -most / 2 to most / 2 */
  memset(taps, 0, (size_t)rows * size * sizeof(double));
  for (int row = 0; row < rows; row++) {
    for (int axis = 0; axis < 3; axis++)
      for (int i = 0; i < count; i++) {
        const int rooms = i / 2 - most / 2, at = 3 * row + axis;
        const double place = (i % 2 ? -source[at] : source[at]) + 2.0 * rooms * room[at] - listener[at];
        scratch[axis * count + i] = place * place;
        scratch[3 * count + i] = fabs((double)(rooms - i % 2)) + fabs((double)rooms);
      }
    const double *met = scratch + 3 * count;
    for (int i = 0; i < count; i++)
      for (int j = 0; j < count; j++)
        for (int k = 0; k < count && met[i] + met[j] <= order; k++) {
          const double walls = met[i] + met[j] + met[k];
          if (walls > order) continue;
          const double far = sqrt(scratch[i] + scratch[count + j] + scratch[2 * count + k]);
          const double distance = far < 0.1 ? 0.1 : far;
          const double level = pow(1.0 - absorption[row], walls / 2) / distance;
          add_impulse(taps + row * size, size, distance / 343.0 * rate, level);
        }
  }
}
""",
    ),
}
"""The C code of the functions that each operator calls, and of the operator itself, by the name of the operator."""


def scratch_size(_rows: int, _size: int, order: int) -> int:
    """Return the length of the scratch array of `shoeboxResponse` for reflections up to this order."""
    return 8 * (order + 3)
