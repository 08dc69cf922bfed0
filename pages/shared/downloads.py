"""Tables as files, as the pages offer them; the writing itself knows nothing of the screen."""

from metrics.table_files import safe, to_csv

__all__ = ["safe", "to_csv"]
