"""Parameters and numerical routines that several filter families share."""
