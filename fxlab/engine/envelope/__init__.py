"""One-pole smoothers and envelope followers."""
