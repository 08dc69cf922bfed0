"""What tables, columns, codes and indicators mean, as rows."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from data.contracts import CODES, TABLES
from metrics.register import INDICATORS


def columns_said() -> Iterable[dict[str, Any]]:
    """Say every column of every table of the contract."""
    for table in TABLES.values():
        for column in table.columns:
            yield {
                "table": table.name, "column": column.name, "type": column.type,
                "required": not column.nullable, "key": column.key,
                "references": column.references, "minimum": column.minimum,
                "maximum": column.maximum, "pattern": column.pattern, "codes": column.codes,
                "unit_zh": column.unit.zh if column.unit else None,
                "unit_en": column.unit.en if column.unit else None,
                "label_zh": column.label.zh, "label_en": column.label.en,
                "note_zh": column.note.zh, "note_en": column.note.en,
            }  # fmt: skip


def tables_said() -> Iterable[dict[str, Any]]:
    """Say every table of the contract."""
    for table in TABLES.values():
        yield {
            "table": table.name, "required": table.required, "label_zh": table.label.zh,
            "label_en": table.label.en, "meaning_zh": table.meaning.zh,
            "meaning_en": table.meaning.en, "period": "; ".join(table.period),
            "feeds": "; ".join(table.feeds),
        }  # fmt: skip


def codes_said() -> Iterable[dict[str, Any]]:
    """Say every permitted code."""
    for name, codes in CODES.items():
        for code in codes:
            yield {
                "codes": name, "code": code.value,
                "label_zh": code.label.zh, "label_en": code.label.en,
            }  # fmt: skip


def indicators_said() -> Iterable[dict[str, Any]]:
    """Say every indicator of the register."""
    for each in INDICATORS.values():
        yield {
            "indicator_id": each.id, "indicator_zh": each.name.zh, "indicator_en": each.name.en,
            "definition_zh": each.definition.zh, "definition_en": each.definition.en,
            "unit_zh": each.unit.zh, "unit_en": each.unit.en, "polarity": each.polarity,
            "target": each.target, "target_basis": each.target_basis, "tier": each.tier,
            "accountable": each.accountable, "clauses": "; ".join(each.clauses),
            "sources": "; ".join(each.sources),
        }  # fmt: skip


DICTIONARIES: Mapping[str, Callable[[], Iterable[dict[str, Any]]]] = {
    "column": columns_said,
    "table": tables_said,
    "code": codes_said,
    "indicator": indicators_said,
}
