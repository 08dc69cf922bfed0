"""What the county owes its townships: burden, appeals, what follows from a figure."""
