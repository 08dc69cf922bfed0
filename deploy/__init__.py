"""Taking the program to a machine without a network, and keeping it there: deploy/README.md."""
