"""The plots on the cards, and the computation of what they show."""
