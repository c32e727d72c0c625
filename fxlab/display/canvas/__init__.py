"""The canvas that cards are drawn on, the frame of a plot, colors and line styles, and PNG encoding."""
