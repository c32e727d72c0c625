"""The operators of `fxlab.engine` in C, each written into the text of a program that calls it."""

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

KEEP_LAST = """
static void keep_last(double *after, const double *before, const double *y, int row, int time, int delay) {
  const int own = row * delay, start = row * time;
  if (time >= delay) {
    memmove(after + own, y + start + time - delay, delay * sizeof(double));
    return;
  }
  memmove(after + own, before + own + time, (delay - time) * sizeof(double));
  memcpy(after + own + delay - time, y + start, time * sizeof(double));
}
"""

READ_LINE = """
static double read_line(const double *line, const double *written, const double *whole, const double *weights, int row,
                        int n, int rows, int time, int history, int taps) {
  const int at = row * time + n;
  double sum = 0.0;
  for (int tap = 0; tap < taps; tap++) {
    const int place = n - (int)whole[at] - tap;
    const double past = place < 0 ? line[(row + 1) * history + place] : written[row * time + place];
    sum += weights[tap * rows * time + at] * past;
  }
  return sum;
}
"""

RUNTIME: dict[str, tuple[tuple[str, ...], str]] = {
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
    "convolve": (
        (),
        """
static void convolve(double *y, const double *x, const double *taps, int rows, int time, int count, int stride) {
  for (int row = 0; row < rows; row++)
    for (int n = 0; n < time; n++) {
      const double *newest = x + row * (count - 1 + time) + count - 1 + n;
      double sum = 0.0;
      for (int k = 0; k < count; k++) sum += taps[row * stride + k] * newest[-k];
      y[row * time + n] = sum;
    }
}
""",
    ),
    "delayRecurrence": (
        (KEEP_LAST,),
        """
static void delayRecurrence(double *y, double *after, const double *u, const double *a, const double *before, int rows,
                            int time, int delay, int count) {
  for (int row = 0; row < rows; row++) {
    const int start = row * time;
    for (int n = 0; n < time; n++) {
      const double past = n < delay ? before[row * delay + n] : y[start + n - delay];
      y[start + n] = u[start + n] + a[row * count + (count == 1 ? 0 : n)] * past;
    }
    keep_last(after, before, y, row, time, delay);
  }
}
""",
    ),
    "movingComb": (
        (READ_LINE,),
        """
static void movingComb(double *read, double *written, const double *x, const double *line, const double *whole,
                       const double *weights, const double *gain, int rows, int time, int history, int taps) {
  for (int row = 0; row < rows; row++)
    for (int n = 0; n < time; n++) {
      const int at = row * time + n;
      const double sum = read_line(line, written, whole, weights, row, n, rows, time, history, taps);
      read[at] = sum;
      written[at] = x[at] + gain[at] * sum;
    }
}
""",
    ),
    "dampedEcho": (
        (READ_LINE,),
        """
static void dampedEcho(double *read, double *written, double *after, const double *x, const double *line,
                       const double *whole, const double *weights, const double *gain, const double *pole,
                       const double *before, int rows, int time, int history, int taps, int channels) {
  memmove(after, before, rows * sizeof(double));
  for (int n = 0; n < time; n++) {
    for (int row = 0; row < rows; row++) {
      const int at = row * time + n;
      const double sum = read_line(line, written, whole, weights, row, n, rows, time, history, taps);
      read[at] = sum;
      after[row] = pole[row] * after[row] + (1.0 - pole[row]) * gain[at] * sum;
    }
    for (int row = 0; row < rows; row++) {
      const int channel = row % channels;
      written[row * time + n] = x[row * time + n] + after[row - channel + (channel + channels - 1) % channels];
    }
  }
}
""",
    ),
    "filterSystem": (
        (),
        """
static void filterSystem(double *y, double *after, const double *x, const double *system, const double *before,
                         int rows, int time, int n, int stride, int frames, int hop) {
  double next[64], state[64]; /* at most 63 states */
  for (int row = 0; row < rows; row++) {
    memcpy(state, before + row * n, n * sizeof(double));
    for (int t = 0; t < time; t++) {
      const int frame = t / hop < frames ? t / hop : frames - 1;
      const double *matrix = system + row * stride + frame * (n + 1) * (n + 1);
      state[n] = x[row * time + t];
      for (int i = 0; i <= n; i++) {
        next[i] = 0.0;
        for (int k = 0; k <= n; k++) next[i] += matrix[i * (n + 1) + k] * state[k];
      }
      y[row * time + t] = next[n];
      memcpy(state, next, n * sizeof(double));
    }
    memcpy(after + row * n, state, n * sizeof(double));
  }
}
""",
    ),
    "dampedRecurrence": (
        (KEEP_LAST,),
        """
static void dampedRecurrence(double *y, double *after, const double *u, const double *pole, const double *gain,
                             const double *before, int rows, int time, int delay) {
  for (int row = 0; row < rows; row++) {
    const int start = row * time;
    double last = before[(row + 1) * delay - 1];
    for (int n = 0; n < time; n++) {
      const double past = n < delay ? before[row * delay + n] : y[start + n - delay];
      y[start + n] = last = pole[row] * last + gain[row] * past + u[start + n];
    }
    keep_last(after, before, y, row, time, delay);
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
    "cumulativeSum": (
        (),
        """
static void cumulativeSum(double *y, const double *x, int rows, int time) {
  for (int row = 0; row < rows; row++) {
    double total = 0.0;
    for (int n = row * time; n < (row + 1) * time; n++) y[n] = total += x[n];
  }
}
""",
    ),
}
"""The parts that a function needs, and its text, by the name of the operator."""

HELPERS = """
static inline double fxlab_square(double x) { return x * x; }
static inline double fxlab_sign(double x) { return (x > 0.0) - (x < 0.0); }
"""
