"""The checks of the course's exercises, one file per notebook; every file in this folder is found by its place."""
