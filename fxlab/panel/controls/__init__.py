"""The controls of a panel: their specification, the values they are bound to, and what each page shows."""
