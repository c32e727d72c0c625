"""Drawing of random values: ranges, random numbers, and the record of a draw."""
