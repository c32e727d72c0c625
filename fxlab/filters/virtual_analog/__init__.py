"""Virtual analog filters, state variable and ladder, whose corner can be modulated; `trapezoidal`: their base class."""
