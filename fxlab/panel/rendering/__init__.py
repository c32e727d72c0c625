"""The render worker: its mailbox, its thread, and the renders that it makes."""
