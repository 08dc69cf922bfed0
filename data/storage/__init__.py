"""How facts are kept: the lake, its versions, questions to it, backups."""
