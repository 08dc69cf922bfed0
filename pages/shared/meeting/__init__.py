"""What is carried into a meeting: kept views as slides and files, reports."""
