"""The labels of parameters whose names are abbreviations, which other libraries have made common."""

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
"""The label of a parameter, by its name; any other name is its own label, see `ParameterDeclaration.label`."""
