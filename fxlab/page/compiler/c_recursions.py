"""Recursive and fixed-point filters, envelope followers and noise shaping of `fxlab.engine` in C."""

from __future__ import annotations

SECTION = """
static void filter_section(double *y, int time, const double *sos, double *after, const double *before) {
  const double a0 = sos[3], b0 = sos[0] / a0, b1 = sos[1] / a0, b2 = sos[2] / a0, a1 = sos[4] / a0, a2 = sos[5] / a0;
  double s1 = before[0], s2 = before[1];
  for (int n = 0; n < time; n++) {
    const double sample = y[n], result = b0 * sample + s1;
    s1 = b1 * sample - a1 * result + s2;
    s2 = b2 * sample - a2 * result;
    y[n] = result;
  }
  after[0] = s1;
  after[1] = s2;
}
"""

MULTIPLY = """
static void multiply(double *product, const double *matrix, const double *vector, int size) {
  for (int i = 0; i < size; i++) {
    product[i] = 0.0;
    for (int k = 0; k < size; k++) product[i] += matrix[i * size + k] * vector[k];
  }
}
"""

SOLVE_TANH = """
/* The solution of e + gain tanh(e) = target; for positive e the steps from below never overshoot. */
static double solve_tanh(double target, double gain) {
  const double size = fabs(target);
  double e = fmax(size / (1.0 + gain), size - gain);
  for (int i = 0; i < 40; i++) {
    const double saturated = tanh(e);
    const double step = (size - e - gain * saturated) / (1.0 + gain * (1.0 - saturated * saturated));
    e += step;
    if (!(fabs(step) > 1e-15 * size)) break;
  }
  return target < 0.0 ? -e : e;
}
"""

ROUND_BITS = """
static double round_bits(double value, int bits, int rounding) {
  const double unit = ldexp(1.0, bits);
  if (bits == 0) return value;
  if (rounding == 0) return floor((value + unit / 2.0 - (value < 0.0)) / unit);
  return rounding == 1 ? floor(value / unit) : trunc(value / unit);
}
"""

RECURSIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "filterSections": (
        (SECTION,),
        """
static void filterSections(double *y, double *after, const double *x, const double *sos, const double *before, int rows,
                           int time, int sections, int stride) {
  memcpy(y, x, rows * time * sizeof(double));
  for (int row = 0; row < rows; row++)
    for (int section = 0; section < sections; section++) {
      const int place = 2 * (row * sections + section);
      filter_section(y + row * time, time, sos + row * stride + 6 * section, after + place, before + place);
    }
}
""",
    ),
    "filterVaryingSections": (
        (SECTION,),
        """
static void filterVaryingSections(double *y, double *after, const double *x, const double *sos, const double *before,
                                  int rows, int time, int sections, int stride, int frames, int hop) {
  memcpy(y, x, rows * time * sizeof(double));
  memcpy(after, before, 2 * rows * sections * sizeof(double));
  for (int row = 0; row < rows; row++)
    for (int frame = 0; frame < frames; frame++) {
      const int start = frame * hop, length = time - start < hop ? time - start : hop;
      for (int section = 0; section < sections; section++) {
        double *state = after + 2 * (row * sections + section);
        const double *own = sos + row * stride + 6 * (frame * sections + section);
        filter_section(y + row * time + start, length, own, state, state);
      }
    }
}
""",
    ),
    "filterPolynomials": (
        (),
        """
static void filterPolynomials(double *y, double *after, const double *x, const double *b, const double *a,
                              const double *before, int rows, int time, int order, int b_stride, int a_stride) {
  for (int row = 0; row < rows; row++) {
    const double *p = b + row * b_stride, *q = a + row * a_stride;
    double *state = after + row * order;
    memmove(state, before + row * order, order * sizeof(double));
    for (int n = row * time; n < (row + 1) * time; n++) {
      const double sample = x[n], result = p[0] * sample / q[0] + (order ? state[0] : 0.0);
      for (int i = 1; i <= order; i++)
        state[i - 1] = (i < order ? state[i] : 0.0) + p[i] * sample / q[0] - q[i] * result / q[0];
      y[n] = result;
    }
  }
}
""",
    ),
    "filterSystem": (
        (MULTIPLY,),
        """
static void filterSystem(double *y, double *after, const double *x, const double *system, const double *before,
                         int rows, int time, int n, int stride, int frames, int hop, double *scratch) {
  double *next = scratch, *state = scratch + n + 1;
  for (int row = 0; row < rows; row++) {
    memcpy(state, before + row * n, n * sizeof(double));
    for (int t = 0; t < time; t++) {
      const int frame = t / hop < frames ? t / hop : frames - 1;
      const double *matrix = system + row * stride + frame * (n + 1) * (n + 1);
      state[n] = x[row * time + t];
      multiply(next, matrix, state, n + 1);
      y[row * time + t] = next[n];
      memcpy(state, next, n * sizeof(double));
    }
    memcpy(after + row * n, state, n * sizeof(double));
  }
}
""",
    ),
    "filterSaturatingSystem": (
        (MULTIPLY, SOLVE_TANH),
        """
static void filterSaturatingSystem(double *y, double *after, const double *x, const double *system,
                                   const double *before, int rows, int time, int n, int stride, int frames, int hop,
                                   const double *feedback, int feedback_stride, const double *drive, int drive_stride,
                                   double *scratch) {
  double *next = scratch, *state = scratch + n + 1;
  for (int row = 0; row < rows; row++) {
    memcpy(state, before + row * n, n * sizeof(double));
    for (int t = 0; t < time; t++) {
      const int frame = t / hop < frames ? t / hop : frames - 1;
      const double *matrix = system + row * stride + frame * (n + 1) * (n + 1);
      const double gain = feedback[row * feedback_stride + frame], level = drive[row * drive_stride + frame];
      double result = 0.0;
      for (int k = 0; k < n; k++) result += matrix[n * (n + 1) + k] * state[k];
      const double through = matrix[(n + 1) * (n + 1) - 1];
      state[n] = tanh(solve_tanh(level * (x[row * time + t] - gain * result), gain * through)) / level;
      multiply(next, matrix, state, n + 1);
      y[row * time + t] = next[n];
      memcpy(state, next, n * sizeof(double));
    }
    memcpy(after + row * n, state, n * sizeof(double));
  }
}
""",
    ),
    "followBranching": (
        (),
        """
static void followBranching(double *y, double *after, const double *x, const double *attack, const double *release,
                            const double *before, int rows, int time) {
  for (int row = 0; row < rows; row++) {
    double last = before[row];
    for (int n = row * time; n < (row + 1) * time; n++) {
      const double pole = x[n] > last ? attack[row] : release[row];
      last = pole * last + (1.0 - pole) * x[n];
      y[n] = last;
    }
    after[row] = last;
  }
}
""",
    ),
    "fixedPoint": (
        (ROUND_BITS,),
        """
/* `table` has the places of the next states and of the output, then the nodes: the number of terms and the bits that
   are rounded away from their sum, then for each term a place, a factor, and the bits of the product. */
static void fixedPoint(double *y, double *after, const double *x, const double *before, const double *table, int rows,
                       int time, int states, int nodes, double lowest, double highest, int wraps, int rounding,
                       int rounds_products, double *scratch) {
  double *values = scratch, *next = scratch + states + nodes + 1;
  const double range = highest - lowest + 1.0;
  for (int row = 0; row < rows; row++) {
    memcpy(values, before + row * states, states * sizeof(double));
    for (int n = row * time; n < (row + 1) * time; n++) {
      const double *at = table + states + 1;
      values[states + nodes] = x[n];
      for (int node = 0; node < nodes; node++) {
        const double *head = at;
        double sum = 0.0;
        at += 2;
        for (int term = 0; term < (int)head[0]; term++, at += 3) {
          const double product = values[(int)at[0]] * at[1];
          sum += rounds_products ? round_bits(product, (int)at[2], rounding) : product;
        }
        sum = round_bits(sum, (int)head[1], rounding);
        if (sum < lowest || sum > highest)
          sum = wraps ? sum - range * floor((sum - lowest) / range) : sum > 0.0 ? highest : lowest;
        values[states + node] = sum;
      }
      y[n] = values[(int)table[states]];
      for (int i = 0; i < states; i++) next[i] = values[(int)table[i]];
      memcpy(values, next, states * sizeof(double));
    }
    memcpy(after + row * states, values, states * sizeof(double));
  }
}
""",
    ),
    "roundShaped": (
        (),
        """
/* The errors are whole numbers of 2^-32 steps; the whole part of a sample is kept apart, so that all digits fit. */
static void roundShaped(double *y, double *after, const double *x, const double *noise, const double *before, int rows,
                        int time) {
  const double unit = 4294967296.0;
  for (int row = 0; row < rows; row++) {
    double e1 = before[2 * row], e2 = before[2 * row + 1];
    for (int n = 0; n < time; n++) {
      const double whole = floor(x[row * time + n]);
      const double value = rint((x[row * time + n] - whole) * unit) + 2.0 * e1 - e2;
      const double steps = floor((value + rint(noise[n] * unit) + unit / 2.0) / unit);
      e2 = e1;
      e1 = value - steps * unit;
      y[row * time + n] = whole + steps;
    }
    after[2 * row] = e1;
    after[2 * row + 1] = e2;
  }
}
""",
    ),
    "followPeaks": (
        (),
        """
static void followPeaks(double *y, double *after, const double *x, const double *attack, const double *release,
                        const double *before, int rows, int time) {
  for (int row = 0; row < rows; row++) {
    double last = before[row];
    for (int n = row * time; n < (row + 1) * time; n++) {
      const double released = last * release[row];
      last = x[n] > released ? attack[row] * last + (1.0 - attack[row]) * x[n] : released;
      y[n] = last;
    }
    after[row] = last;
  }
}
""",
    ),
}
"""The C code of the functions that each operator calls, and of the operator itself, by the name of the operator."""
