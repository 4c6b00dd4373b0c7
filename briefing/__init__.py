"""What is told of a view of the company: message, tiles, figures and lists, the same on the screen and in a pack."""
