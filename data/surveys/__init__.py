"""Survey files and questionnaires: what was asked, of whom, and what an answer stands for."""
