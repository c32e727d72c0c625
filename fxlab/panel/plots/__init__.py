"""The curves that a panel draws and the sender of open views."""
