"""What the methods page reads: the parameters in force, and where each comes from."""

import pandas as pd

from data.scope import Scope
from data.store import LOWEST_MINIMUM_BASE, Store
from data.words import LANGUAGES, both
from metrics.queries import sql
from metrics.register import DEFAULT_ROWS

COLUMNS = [
    "kind", "name", "held_for", "value", "place_code", "from_year", "source_zh", "source_en",
]  # fmt: skip
# Settings of the store that a method rests on.
SETTINGS = ("minimum_base", "detour_factor", "appeal_days")


def parameters(store: Store, scope: Scope) -> pd.DataFrame:
    """Return COLUMNS of every parameter: the product's defaults, then what the store holds.

    kind: 'default' and 'indicator' (limits an indicator counts with), 'radius' (metres), 'area'
    (square metres), 'setting'. held_for: urban or rural of a radius, the scope of an area standard.
    'scoring': the way a county scores satisfaction. value: NaN where there is no default, and of
    a way of scoring. Limits hold everywhere: the scope changes nothing.
    """
    _ = scope
    defaults = pd.DataFrame(list(DEFAULT_ROWS.values()))
    defaults = defaults.rename(columns={"parameter": "name"}).assign(kind="default")
    own = store.read_once(sql("methods/parameters"))
    own = own.assign(source_zh=own["source"], source_en=own["source"])
    held = store.settings()
    settings = pd.DataFrame({"name": SETTINGS, "value": [held[name] for name in SETTINGS]})
    texts = [both(f"methods.setting.{name}", lowest=LOWEST_MINIMUM_BASE) for name in SETTINGS]
    for language in LANGUAGES:
        settings[f"source_{language}"] = [text.in_language(language) for text in texts]
    parts = [
        each.reindex(columns=COLUMNS) for each in (defaults, own, settings.assign(kind="setting"))
    ]
    table = pd.concat([each.astype(object) for each in parts], ignore_index=True)
    table["value"] = pd.to_numeric(table["value"].replace("", None))
    return table
