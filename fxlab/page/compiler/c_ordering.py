"""Sorting, the indices of extremes, writing at computed indices, and overlap-add in C."""

from __future__ import annotations

ORDERING: dict[str, tuple[tuple[str, ...], str]] = {
    "sortRows": (
        (),
        """
/* Sort rows by merging; equal numbers keep their order, and NaN is above all others. */
static void sortRows(double *y, double *places, const double *x, int rows, int count, int descending, double *scratch) {
  for (int row = 0; row < rows; row++) {
    const double *own = x + row * count;
    double *from = places + row * count, *to = scratch;
    for (int i = 0; i < count; i++) from[i] = i;
    for (int size = 1; size < count; size *= 2) {
      for (int start = 0; start < count; start += 2 * size) {
        const int middle = start + size < count ? start + size : count;
        const int end = start + 2 * size < count ? start + 2 * size : count;
        for (int k = start, i = start, j = middle; k < end; k++) {
          int later = i == middle;
          if (!later && j < end) {
            const double a = own[(int)from[i]], b = own[(int)from[j]];
            later = descending ? b > a || (b != b && a == a) : b < a || (a != a && b == b);
          }
          to[k] = later ? from[j++] : from[i++];
        }
      }
      double *held = from;
      from = to;
      to = held;
    }
    if (from != places + row * count) memcpy(places + row * count, from, count * sizeof(double));
    for (int i = 0; i < count; i++) y[row * count + i] = own[(int)places[row * count + i]];
  }
}
""",
    ),
    "extremePlaces": (
        (),
        """
static void extremePlaces(double *y, const double *x, int rows, int count, int sign) {
  for (int row = 0; row < rows; row++) {
    const double *own = x + row * count;
    int best = 0;
    for (int i = 1; i < count && own[best] == own[best]; i++)
      if (own[i] != own[i] || sign * own[i] > sign * own[best]) best = i;
    y[row] = best;
  }
}
""",
    ),
    "scatter": (
        (),
        """
static void scatter(double *y, const double *index, const double *values, int rows, int size, int count) {
  for (int i = 0; i < rows * count; i++) y[i / count * size + (int)index[i]] = values[i];
}
""",
    ),
    "scatterAdd": (
        (),
        """
static void scatterAdd(double *y, const double *index, const double *values, int rows, int size, int count) {
  for (int i = 0; i < rows * count; i++) y[i / count * size + (int)index[i]] += values[i];
}
""",
    ),
    "overlapAdd": (
        (),
        """
static void overlapAdd(double *y, const double *parts, int rows, int time, int frames, int size, int hop) {
  memset(y, 0, (size_t)rows * time * sizeof(double));
  for (int frame = 0; frame < rows * frames; frame++) {
    double *own = y + frame / frames * time + frame % frames * hop;
    for (int n = 0; n < size; n++) own[n] += parts[frame * size + n];
  }
}
""",
    ),
}
"""The C code of the functions that each operator calls, and of the operator itself, by the name of the operator."""
