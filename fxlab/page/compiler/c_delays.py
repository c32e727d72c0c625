"""The delay lines of `fxlab.engine`, banks and networks of them, and convolutions with few taps, in C."""

from __future__ import annotations

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

DELAYS: dict[str, tuple[tuple[str, ...], str]] = {
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
    "combBank": (
        (),
        """
static void combBank(double *y, double *after, const double *x, const double *lines, const double *delays,
                     const double *gain, const double *pole, const double *weights, int rows, int combs, int time,
                     int history) {
  memset(y, 0, rows * time * sizeof(double));
  for (int own = 0; own < rows * combs; own++) {
    const int start = own * history, end = start + history, delay = (int)delays[own], row = own / combs;
    const int kept = time < history - 1 ? history - 1 - time : 0;
    const double p = pole[own], weight = weights[own], feedback = (1.0 - p) * gain[own];
    double echo = lines[start];
    memcpy(after + start + 1, lines + end - kept, kept * sizeof(double));
    for (int n = 0; n < time; n++) {
      const int place = n - delay;
      const double past = place < 0 ? lines[end + place] : after[end - time + place];
      y[row * time + n] += weight * past;
      echo = p * echo + feedback * past;
      if (time - n < history) after[end - time + n] = x[row * time + n] + echo;
    }
    after[start] = echo;
  }
}
""",
    ),
    "delayNetwork": (
        (),
        """
static void delayNetwork(double *wet, double *after, double *last, const double *entering, const double *lines,
                         const double *state, const double *delays, const double *sections, const double *lossless,
                         const double *outputs, int examples, int count, int time, int history, int channels,
                         double *scratch) {
  double *read = scratch, *absorbed = scratch + count;
  const int kept = history > time ? history - time : 0;
  memcpy(last, state, 2 * examples * count * sizeof(double));
  for (int example = 0; example < examples; example++) {
    const int first = example * count;
    for (int line = 0; line < count; line++) {
      const int start = (first + line) * history;
      memcpy(after + start, lines + start + history - kept, kept * sizeof(double));
    }
    for (int n = 0; n < time; n++) {
      for (int line = 0; line < count; line++) {
        const int own = first + line, place = n - (int)delays[line], end = (own + 1) * history;
        const double *section = sections + 6 * own;
        const double a0 = section[3];
        const double x = place < 0 ? lines[end + place] : after[end - time + place];
        const double y = section[0] / a0 * x + last[2 * own];
        last[2 * own] = section[1] / a0 * x - section[4] / a0 * y + last[2 * own + 1];
        last[2 * own + 1] = section[2] / a0 * x - section[5] / a0 * y;
        read[line] = x;
        absorbed[line] = y;
      }
      for (int channel = example * channels; channel < (example + 1) * channels; channel++) {
        double sum = 0.0;
        for (int line = 0; line < count; line++) sum += outputs[channel * count + line] * read[line];
        wet[channel * time + n] = sum;
      }
      for (int line = 0; line < count; line++) {
        double sum = entering[(first + line) * time + n];
        for (int k = 0; k < count; k++) sum += lossless[line * count + k] * absorbed[k];
        after[(first + line + 1) * history - time + n] = sum;
      }
    }
  }
}
""",
    ),
}
"""The C code of the functions that each operator calls, and of the operator itself, by the name of the operator."""
