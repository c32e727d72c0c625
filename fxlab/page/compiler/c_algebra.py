"""Fourier transforms, convolution, linear systems, cumulative operations, searches and random numbers in C."""

from __future__ import annotations

FFT = """
/* The numbers exp(-2 pi i k / n) for k < n / 2, as pairs. */
static void fill_table(double *table, int n) {
  for (int k = 0; k < n / 2; k++) {
    table[2 * k] = cos(2.0 * FXLAB_PI * k / n);
    table[2 * k + 1] = -sin(2.0 * FXLAB_PI * k / n);
  }
}

/* Transform n complex numbers in place, where n is a power of two; the inverse is not divided by n. */
static void transform(double *values, int n, const double *table, int inverse) {
  const double sign = inverse ? -1.0 : 1.0;
  for (int i = 1, j = 0; i < n; i++) {
    int bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j)
      for (int part = 0; part < 2; part++) {
        const double held = values[2 * i + part];
        values[2 * i + part] = values[2 * j + part];
        values[2 * j + part] = held;
      }
  }
  for (int size = 2; size <= n; size *= 2)
    for (int start = 0; start < n; start += size)
      for (int k = 0; k < size / 2; k++) {
        const double wr = table[2 * k * (n / size)], wi = sign * table[2 * k * (n / size) + 1];
        double *a = values + 2 * (start + k), *b = a + size;
        const double re = b[0] * wr - b[1] * wi, im = b[0] * wi + b[1] * wr;
        b[0] = a[0] - re;
        b[1] = a[1] - im;
        a[0] += re;
        a[1] += im;
      }
}
"""

ALGEBRA: dict[str, tuple[tuple[str, ...], str]] = {
    "uniformAt": (
        (),
        """
static void uniformAt(double *y, const double *index, int count, int seed) {
  for (int i = 0; i < count; i++) {
    unsigned long long z = (unsigned long long)((long long)index[i] + 1 + seed * 1000003LL) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    y[i] = (double)(z >> 11) / 9007199254740992.0;
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
    "cumulativeProduct": (
        (),
        """
static void cumulativeProduct(double *y, const double *x, int rows, int time) {
  for (int row = 0; row < rows; row++) {
    double total = 1.0;
    for (int n = row * time; n < (row + 1) * time; n++) y[n] = total *= x[n];
  }
}
""",
    ),
    "cumulativeMaximum": (
        (),
        """
static void cumulativeMaximum(double *y, const double *x, int rows, int time) {
  for (int row = 0; row < rows; row++) {
    double largest = -INFINITY;
    for (int n = row * time; n < (row + 1) * time; n++) y[n] = largest = fxlab_max(largest, x[n]);
  }
}
""",
    ),
    "searchSorted": (
        (),
        """
static void searchSorted(double *y, const double *sorted, const double *x, int rows, int size, int count, int right) {
  for (int i = 0; i < rows * count; i++) {
    const double *own = sorted + i / count * size;
    int low = 0, high = size;
    while (low < high) {
      const int middle = (low + high) / 2;
      if (own[middle] < x[i] || (right && own[middle] == x[i])) low = middle + 1;
      else high = middle;
    }
    y[i] = low;
  }
}
""",
    ),
    "solveLinear": (
        (),
        """
static void solveLinear(double *x, const double *a, const double *b, int batch, int n, int columns, double *scratch) {
  const int width = n + columns;
  for (int k = 0; k < batch; k++) {
    for (int i = 0; i < n; i++) {
      memcpy(scratch + i * width, a + (k * n + i) * n, n * sizeof(double));
      memcpy(scratch + i * width + n, b + (k * n + i) * columns, columns * sizeof(double));
    }
    for (int i = 0; i < n; i++) {
      int best = i;
      for (int r = i + 1; r < n; r++)
        if (fabs(scratch[r * width + i]) > fabs(scratch[best * width + i])) best = r;
      double *own = scratch + i * width;
      for (int c = 0; c < width; c++) {
        const double held = own[c];
        own[c] = scratch[best * width + c];
        scratch[best * width + c] = held;
      }
      const double pivot = own[i];
      for (int c = i; c < width; c++) own[c] /= pivot;
      for (int r = 0; r < n; r++) {
        const double factor = scratch[r * width + i];
        if (r != i && factor != 0.0)
          for (int c = i; c < width; c++) scratch[r * width + c] -= factor * own[c];
      }
    }
    for (int i = 0; i < n; i++) memcpy(x + (k * n + i) * columns, scratch + i * width + n, columns * sizeof(double));
  }
}
""",
    ),
    "choleskyFactor": (
        (),
        """
static void choleskyFactor(double *l, double *failed, const double *a, int batch, int n) {
  memset(l, 0, batch * n * n * sizeof(double));
  for (int k = 0; k < batch; k++) {
    const double *from = a + k * n * n;
    double *to = l + k * n * n;
    failed[k] = 0.0;
    for (int i = 0; i < n; i++)
      for (int j = 0; j <= i; j++) {
        double sum = from[i * n + j];
        for (int m = 0; m < j; m++) sum -= to[i * n + m] * to[j * n + m];
        if (i == j && !(sum > 0.0) && failed[k] == 0.0) failed[k] = i + 1;
        to[i * n + j] = i == j ? sqrt(sum) : sum / to[j * n + j];
      }
  }
}
""",
    ),
    "choleskySolve": (
        (),
        """
static void choleskySolve(double *x, const double *b, const double *l, int batch, int n, int columns) {
  for (int k = 0; k < batch; k++)
    for (int column = 0; column < columns; column++) {
      const double *own = l + k * n * n, *right = b + k * n * columns + column;
      double *found = x + k * n * columns + column;
      for (int i = 0; i < n; i++) {
        double sum = right[i * columns];
        for (int j = 0; j < i; j++) sum -= own[i * n + j] * found[j * columns];
        found[i * columns] = sum / own[i * n + i];
      }
      for (int i = n - 1; i >= 0; i--) {
        double sum = found[i * columns];
        for (int j = i + 1; j < n; j++) sum -= own[j * n + i] * found[j * columns];
        found[i * columns] = sum / own[i * n + i];
      }
    }
}
""",
    ),
    "fourierTransform": (
        (FFT,),
        """
static void fourierTransform(double *y, const double *x, int rows, int n, int sign, double *scratch) {
  int size = 1;
  while (size < n) size *= 2;
  if (size == n) {
    fill_table(scratch, n);
    if (y != x) memcpy(y, x, 2 * rows * n * sizeof(double));
    for (int row = 0; row < rows; row++) transform(y + 2 * row * n, n, scratch, sign > 0);
    return;
  }
  while (size < 2 * n - 1) size *= 2; /* any length as a convolution with a chirp (L. I. Bluestein, 1970) */
  double *table = scratch, *chirp = table + size, *a = chirp + 2 * n, *b = a + 2 * size;
  fill_table(table, size);
  for (int k = 0; k < n; k++) {
    const double angle = sign * FXLAB_PI * ((long long)k * k % (2 * n)) / n;
    chirp[2 * k] = cos(angle);
    chirp[2 * k + 1] = sin(angle);
  }
  for (int row = 0; row < rows; row++) {
    memset(a, 0, 4 * size * sizeof(double));
    for (int k = 0; k < n; k++) {
      const double *value = x + 2 * (row * n + k);
      const double cr = chirp[2 * k], ci = chirp[2 * k + 1];
      a[2 * k] = value[0] * cr - value[1] * ci;
      a[2 * k + 1] = value[0] * ci + value[1] * cr;
      b[2 * k] = cr;
      b[2 * k + 1] = -ci;
      if (k) {
        b[2 * (size - k)] = cr;
        b[2 * (size - k) + 1] = -ci;
      }
    }
    transform(a, size, table, 0);
    transform(b, size, table, 0);
    for (int k = 0; k < size; k++) {
      const double re = a[2 * k] * b[2 * k] - a[2 * k + 1] * b[2 * k + 1];
      a[2 * k + 1] = a[2 * k] * b[2 * k + 1] + a[2 * k + 1] * b[2 * k];
      a[2 * k] = re;
    }
    transform(a, size, table, 1);
    for (int k = 0; k < n; k++) {
      const double re = a[2 * k] / size, im = a[2 * k + 1] / size, cr = chirp[2 * k], ci = chirp[2 * k + 1];
      y[2 * (row * n + k)] = re * cr - im * ci;
      y[2 * (row * n + k) + 1] = re * ci + im * cr;
    }
  }
}
""",
    ),
    "convolver": (
        (FFT,),
        """
/* The taps in partitions of the length of a block; `scratch` keeps the spectra of the taps and of the last blocks. */
static void convolver(double *y, const double *x, const double *taps, int rows, int time, int count, int stride,
                      double *scratch) {
  const int parts = (count + time - 1) / time, size = 4 * time, kernels = stride ? rows : 1;
  const int known_size = stride ? rows * count : count;
  double *newest = scratch, *used = newest + 1, *table = used + 1, *work = table + size / 2;
  double *sum = work + size, *last = sum + size;
  double *known = last + rows * time, *spectra = known + known_size, *history = spectra + kernels * parts * size;
  if (table[0] == 0.0) fill_table(table, 2 * time);
  if (memcmp(known, taps, known_size * sizeof(double))) {
    memcpy(known, taps, known_size * sizeof(double));
    used[0] = 0.0; /* the partitions before the silence at the end of the taps */
    for (int k = 0; k < known_size; k++)
      if (taps[k] != 0.0 && k % count / time + 1 > used[0]) used[0] = k % count / time + 1;
    for (int part = 0; part < kernels * parts; part++) {
      const int first = part % parts * time;
      if (part % parts >= used[0]) continue;
      memset(work, 0, size * sizeof(double));
      for (int k = 0; k < time && first + k < count; k++) work[2 * k] = taps[part / parts * stride + first + k];
      transform(work, 2 * time, table, 0);
      memcpy(spectra + part * size, work, size * sizeof(double));
    }
  }
  const int now = ((int)newest[0] + parts - 1) % parts;
  newest[0] = now;
  for (int row = 0; row < rows; row++) {
    memset(work, 0, size * sizeof(double));
    for (int n = 0; n < time; n++) {
      work[2 * n] = last[row * time + n];
      work[2 * (n + time)] = last[row * time + n] = x[row * time + n];
    }
    transform(work, 2 * time, table, 0);
    memcpy(history + (row * parts + now) * size, work, size * sizeof(double));
    memset(sum, 0, size * sizeof(double));
    for (int part = 0; part < used[0]; part++) {
      const double *a = history + (row * parts + (now + part) % parts) * size;
      const double *b = spectra + ((stride ? row : 0) * parts + part) * size;
      for (int k = 0; k < size; k += 2) {
        sum[k] += a[k] * b[k] - a[k + 1] * b[k + 1];
        sum[k + 1] += a[k] * b[k + 1] + a[k + 1] * b[k];
      }
    }
    transform(sum, 2 * time, table, 1);
    for (int n = 0; n < time; n++) y[row * time + n] = sum[2 * (n + time)] / (2 * time);
  }
}
""",
    ),
}
"""The C code of the functions that each operator calls, and of the operator itself, by the name of the operator."""
