"""Rendering: the render thread with its mailbox, the renders that it makes, and the loudness match."""
