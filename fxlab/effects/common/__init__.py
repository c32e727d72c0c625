"""Parts that several effects share.

- `ringing.py`            `Ringing`, the base class of effects with a decay, and the choice `tail`
- `loop_parameters.py`    feedback, damping and mix
- `largest_magnitude.py`  the largest magnitude of a parameter in the whole batch
- `lossless_matrix.py`, `prime_delays.py`  the matrix and the delays of a feedback delay network
- `channels.py`           the dimension of the channels, and checks of their number
"""
