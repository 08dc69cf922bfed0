"""What a map shows: layers, classes, colours, and the map as a picture."""
