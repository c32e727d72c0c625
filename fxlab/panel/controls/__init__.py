"""The controls of a panel: their specification, the values that they set, and the values that each page shows."""
