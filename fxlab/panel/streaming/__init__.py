"""Sending audio to the page: order, queue, flow control and encoding."""
