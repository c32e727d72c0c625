"""The checks of the course's exercises, one file per notebook; every module in this package is imported."""
