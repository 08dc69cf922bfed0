"""The indicator register: what is evaluated, from which clause, against which target.

Eighty indicators are declared in `data/contracts/indicators.csv`; the formula of an indicator is
the query `sql/indicators/<id>.sql`. A target says on what it rests (`target_basis`), and a
figure that is only there to compare with is never scored as a target.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from data.contracts import FOLDER as CONTRACTS
from data.errors import DataError
from data.words import Text
from metrics.queries import FOLDER as QUERIES

FILE = CONTRACTS / "indicators.csv"
DEFAULTS = CONTRACTS / "parameters.csv"
TAG_FILE = CONTRACTS / "tags.csv"
Parameters = Mapping[str, str | float | list[str] | None]
# Indicators that share a query, and what tells them apart in it.
SHARED: Mapping[str, tuple[str, Parameters]] = {
    **{index: ("S", {"item": index}) for index in ("S1", "S2", "S3", "S4", "S5", "S6", "S8")},
    "A1": ("village_facts", {"fact": "secretary_is_chair"}),
    "A4": ("checklist", {"checklists": ["PARTY"]}),
    "B2.1": ("item_facts", {"fact": "one_window"}),
    "B2.3": ("item_facts", {"fact": "citywide"}),
    "B2.T1": ("care", {"groups": ["left_child", "left_woman", "left_elder"]}),
    "B2.T2": ("care", {"groups": ["monitor_household"]}),
    "B2.T3": ("village_facts", {"fact": "waste_sewage_ok"}),
    "B4.2": ("checklist", {"checklists": ["EMERG6", "EMERG3"]}),
    "B5.1": ("checklist", {"checklists": ["ZZC"]}),
    "B5.4": ("village_facts", {"fact": "psych_service"}),
    "C1": ("checklist", {"checklists": ["VILLORG"]}),
    "D5": ("reach", {"service": "employment"}),
    "D6": ("reach", {"service": "elderly"}),
    "D7": ("reach", {"service": "medical"}),
    "D8": ("reach", {"service": "childcare"}),
    "D9": ("care", {"groups": ["special_elder"]}),
    "D10": ("checklist", {"checklists": ["SVCSTD"]}),
    "E1": ("village_facts", {"fact": "legal_adviser_active"}),
    "E2": ("village_facts", {"fact": "convention_filed"}),
    "E3": ("per_resident", {"fact": "volunteer_hours"}),
    "E4": ("checklist", {"checklists": ["VIRTUE5"]}),
    "F2": ("village_facts", {"fact": "platform_access"}),
    "F3": ("item_facts", {"fact": "offline_kept"}),
    "F4": ("checklist", {"checklists": ["ACCESS"]}),
    "G2": ("burden", {"kinds": ["inspection", "assessment"]}),
    "G4": ("burden", {"kinds": ["form", "ledger"]}),
    "G9": ("per_resident", {"fact": "governance_spend_yuan"}),
    "G15": ("checklist", {"checklists": ["COUNTY"]}),
}
# What a numerator over a denominator is multiplied by, for the units that are not a plain ratio.
_SCALES = {"%": 100.0, "m2/100 households": 100.0, "per 10,000": 10_000.0}

# Percentages of what is measured, not counted: no interval of a rate holds for them.
_MEASURED = {"D3"}

# Where the denominator of a definition ends, and a bracket cut in two by that.
_END_ZH = (r"[。；：]|，统计| × ", r"（[^）]*$")
_END_EN = (r"[;:]|\. | x |, over ", r"\([^)]*$")

Polarity = Literal["higher", "lower", "target", "context"]
Tier = Literal["core", "monitor", "context"]
Accountable = Literal["township", "county", "shared"]
AppliesTo = Literal["both", "township", "subdistrict", "county"]
TargetBasis = Literal[
    "national_published",
    "law",
    "seed_explicit",
    "provincial_local",
    "reference_only",
    "requirement_reading",
    "own_proposal",
    "none",
]


@dataclass(frozen=True)
class Indicator:
    """One indicator of the framework.

    block: A, B1 … B5, C … G, S. clauses: of the policy document. accountable: who owes it.
    target: in the indicator's unit; target_village and target_community where the two differ.
    weight_township, weight_county: share of 100 on the card, None where not scored on it.
    sources: contract tables. query: name of its SQL, None where no formula runs yet; parameters:
    what the query is bound to beside place and year, defaults of the limits it needs included.
    light_start: part of the smallest first round (12 for units, 5 for the county, S1 to S6).
    """

    id: str
    block: str
    dimension: Text
    subdimension: str
    clauses: tuple[str, ...]
    name: Text
    definition: Text
    unit: Text
    polarity: Polarity
    applies_to: AppliesTo
    sources: tuple[str, ...]
    target: float | None
    target_village: float | None
    target_community: float | None
    target_note: Text
    target_source: Text
    target_basis: TargetBasis
    verified: bool
    tier: Tier
    accountable: Accountable
    level: str
    frequency: Text
    collected_from: str
    weight_township: float | None
    weight_county: float | None
    light_start: bool
    query: str | None
    parameters: Parameters

    @property
    def runs(self) -> bool:
        """Say whether the indicator can be computed from the tables of a store."""
        return self.query is not None

    @property
    def is_rate(self) -> bool:
        """Say whether the value is 100 times a count over a count: square metres are none."""
        return self.unit.en == "%" and self.id not in _MEASURED

    @property
    def scale(self) -> float:
        """Return what the numerator over the denominator is multiplied by to give the value."""
        return _SCALES.get(self.unit.en, 1.0)

    @property
    def is_gap(self) -> bool:
        """Say whether the query gives sums by group, and the value is a gap between groups."""
        return self.id == "S7"

    @property
    def is_survey(self) -> bool:
        """Say whether the value comes from answers, so that the base rule applies."""
        return self.block == "S"

    @property
    def scored_target(self) -> float | None:
        """Return the target that points are measured against; a reference figure is none."""
        return None if self.target_basis in ("reference_only", "none") else self.target

    @property
    def parts(self) -> tuple[Text, Text] | None:
        """Return numerator and denominator in words, None where the value is no ratio of two.

        They stand in the definition, left and right of its sign of division; what follows it
        (a list, a companion figure) explains and is left out.
        """
        above, zh, below = self.definition.zh.partition("÷")
        numerator, en, denominator = self.definition.en.partition(" / ")
        if self.is_survey or not zh or not en:
            return None
        return (
            Text(above.strip(), numerator.strip()),
            Text(_cut(below, *_END_ZH), _cut(denominator, *_END_EN)),
        )

    def applies_to_unit(self, unit_type: str | None) -> bool:
        """Say whether a township of this type has the indicator; an unknown type has it."""
        return self.applies_to == "both" or unit_type is None or self.applies_to == unit_type


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _cut(text: str, end: str, open_bracket: str) -> str:
    return re.sub(open_bracket, "", re.split(end, text)[0]).strip()


def _query(indicator_id: str) -> str | None:
    name, _ = SHARED.get(indicator_id, (indicator_id, {}))
    return f"indicators/{name}" if (QUERIES / "indicators" / f"{name}.sql").is_file() else None


def _indicator(record: Mapping[str, str]) -> Indicator:
    def text(field: str) -> Text:
        return Text(zh=record[f"{field}_zh"], en=record[f"{field}_en"])

    return Indicator(
        id=record["id"],
        block=record["block"],
        dimension=text("dimension"),
        subdimension=record["subdimension"],
        clauses=_list(record["clause"]),
        name=text("name"),
        definition=text("definition"),
        unit=text("unit"),
        polarity=cast(Polarity, record["polarity"]),
        applies_to=cast(AppliesTo, record["applies_to"]),
        sources=_list(record["source_table"]),
        target=_number(record["target"]),
        target_village=_number(record["target_village"]),
        target_community=_number(record["target_community"]),
        target_note=text("target_note"),
        target_source=text("target_source"),
        target_basis=cast(TargetBasis, record["target_basis"]),
        verified=record["verified"] == "yes",
        tier=cast(Tier, record["tier"]),
        accountable=cast(Accountable, record["accountable"]),
        level=record["level"],
        frequency=text("frequency"),
        collected_from=record["collected_from"],
        weight_township=_number(record["weight_township"]),
        weight_county=_number(record["weight_county"]),
        light_start=record["light_start"] == "Y",
        query=_query(record["id"]),
        parameters={
            **_DEFAULTS.get(record["id"], {}),
            **SHARED.get(record["id"], ("", {}))[1],
        },
    )


def _default_rows() -> dict[str, Mapping[str, str]]:
    with DEFAULTS.open(encoding="utf-8", newline="") as lines:
        return {record["parameter"]: record for record in csv.DictReader(lines, strict=True)}


def _tags() -> dict[str, tuple[str, ...]]:
    """Return tag -> ids of the indicators that bear it (contracts/tags.csv)."""
    found: dict[str, list[str]] = {}
    with TAG_FILE.open(encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines, strict=True):
            found.setdefault(record["tag"], []).append(record["indicator_id"])
    return {tag: tuple(ids) for tag, ids in found.items()}


# The four '-isations' of clause I.i: social, law-based, smart and professional.
TAGS: Mapping[str, tuple[str, ...]] = _tags()


# Parameter -> the product's default with its source; places set their own in `indicator_params`.
DEFAULT_ROWS: Mapping[str, Mapping[str, str]] = _default_rows()


def _defaults() -> dict[str, dict[str, float | None]]:
    """Return the default limits by indicator, None where there is none."""
    found: dict[str, dict[str, float | None]] = {}
    for parameter, record in DEFAULT_ROWS.items():
        indicator_id, name = parameter.rsplit(".", 1)
        found.setdefault(indicator_id, {})[name] = _number(record["value"])
    return found


_DEFAULTS = _defaults()


def _register() -> dict[str, Indicator]:
    with FILE.open(encoding="utf-8", newline="") as lines:
        return {r["id"]: _indicator(r) for r in csv.DictReader(lines, strict=True)}


INDICATORS: Mapping[str, Indicator] = _register()


def indicator(indicator_id: str) -> Indicator:
    """Return one indicator by id, or raise DataError `unknown_indicator`."""
    if indicator_id not in INDICATORS:
        raise DataError("unknown_indicator", indicator=indicator_id)
    return INDICATORS[indicator_id]
