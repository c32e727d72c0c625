"""The labels of parameters whose names are abbreviations that are common in other libraries."""

LABELS = {
    "n_fft": "FFT length",
    "win_length": "Window length",
    "hop_length": "Hop",
    "frame_length": "Frame length",
    "n_mels": "Mel bands",
    "n_mfcc": "Coefficients",
    "n_lfcc": "Coefficients",
    "n_filter": "Filters",
    "n_bins": "Bins",
    "n_chroma": "Pitch classes",
    "n_iter": "Iterations",
    "f_min": "Lowest frequency",
    "f_max": "Highest frequency",
    "fmin": "Lowest frequency",
    "fmax": "Highest frequency",
    "pad": "Zeros at the ends",
    "top_db": "Level range",
    "log_mels": "Natural logarithms",
}
"""The label of a parameter by its name; other labels are derived from the name, see `ParameterDeclaration.label`."""
