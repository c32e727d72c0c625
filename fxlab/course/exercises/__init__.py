"""The checks of the course's exercises, one file per notebook; every module in this package is imported.

The function of a check returns a sentence about why the answer is right, which the decorator
`fxlab.course.check.exercise` prints.
"""
