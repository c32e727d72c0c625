"""The curves that a panel plots, and the sender of its open views."""
