"""The checks of the course's exercises, one file per notebook; every module in this package is imported.

Each check returns a sentence about why the answer is right, which `fxlab.course.check.exercise` prints.
"""
