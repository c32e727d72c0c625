"""Virtual analog filters: state variable and ladder, whose corner may move."""
