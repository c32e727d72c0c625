"""The transparent page that cards are drawn on: canvas, plot frame, colours and PNG encoding."""
