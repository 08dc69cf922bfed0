"""Answers that leave the program: extracts, reports, slides, workbooks."""
