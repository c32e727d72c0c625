"""What is drawn: ranges, the random numbers, and the record of a draw."""
