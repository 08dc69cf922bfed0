"""Every indicator of the register, one of them to the last line, and the parameters in force."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from data.checklists import ITEMS
from data.contracts import CODES, TABLES
from data.surveys.question_bank import QUESTIONS
from metrics.assessment.framework import Framework
from metrics.queries import sql
from metrics.register import INDICATORS, TAGS, Indicator
from pages.shared import address
from pages.shared.methods.register_panels import facts, target_word
from pages.shared.panels import Columns, Panel
from pages.shared.words import BLANK, clause_word, initial, listed, plain, t, tell

ALL = "all"
# Name in the link, label, codes, and how a code is said.
Choice = tuple[str, str, Sequence[str], Callable[[str], str]]
SECTIONS = ("indicators", "obligations", "notes")
BLOCKS = tuple(dict.fromkeys(each.block[0] for each in INDICATORS.values()))
COLUMNS = (
    "code", "name", "polarity", "target", "basis", "owes", "cards", "definition", "numerator",
    "denominator", "unit", "tags", "clause", "tables", "level", "target_source", "frequency",
)  # fmt: skip


def section_word(section: str) -> str:
    """Return the name of a part of the page."""
    return t(f"methods.sections.{section}")


def choose() -> list[Indicator]:
    """Let the reader narrow the register by block and by words; return what is left."""
    (block, tag), wanted = narrow(
        ("block", t("methods.block"), BLOCKS, _block_word),
        ("tag", t("methods.tag"), tuple(TAGS), _tag_word),
        find=("find", t("methods.find_hint")),
    )
    return [
        each
        for each in INDICATORS.values()
        if block in (ALL, each.block[0])
        and (tag == ALL or each.id in TAGS[tag])
        and found_in(wanted, _words(each))
    ]


def narrow(*choices: Choice, find: tuple[str, str]) -> tuple[list[str], str]:
    """Draw choices of which each may be left open, and a field for words, side by side.

    find: name in the link and hint of the field. Returns what is chosen (ALL where open) and the
    words looked for.
    """
    *places, last = st.columns(len(choices) + 1)
    chosen = []
    for place, (name, label, options, word) in zip(places, choices, strict=True):
        with place:
            chosen.append(address.select(name, label, (ALL, *options), word))
    with last:
        return chosen, address.typed(find[0], t("methods.find"), find[1])


def found_in(wanted: str, words: Sequence[str]) -> bool:
    """Say whether some words hold what is looked for, upper and lower case alike."""
    return any(wanted.lower() in word.lower() for word in words)


def _words(each: Indicator) -> list[str]:
    texts = (each.name, each.definition, each.dimension, each.target_source)
    tables = [tell(TABLES[name].label) for name in each.sources if name in TABLES]
    return [
        each.id,
        *each.clauses,
        *map(clause_word, each.clauses),
        *tables,
        *(side for text in texts for side in text),
    ]


def _tag_word(tag: str) -> str:
    return t("methods.all_tags") if tag == ALL else t(f"methods.tags.{tag}")


def _block_word(block: str) -> str:
    if block == ALL:
        return t("methods.all_blocks")
    first = next(each for each in INDICATORS.values() if each.block[0] == block)
    return f"{block} {tell(first.dimension)}"


def indicators_panel(shown: Sequence[Indicator], framework: Framework) -> Panel:
    """Return the register as a table: what each indicator is, how it is made, what it counts in."""
    cards = _cards(framework)
    table = pd.DataFrame([_row(each, cards.get(each.id, "")) for each in shown], columns=COLUMNS)
    columns: Columns = {name: (_heading(name), None) for name in COLUMNS}
    return Panel(
        key="methods-indicators",
        title=t("methods.indicators"),
        sentence=t(
            "methods.sentence",
            n=len(INDICATORS),
            runs=sum(each.runs for each in INDICATORS.values()),
            shown=len(shown),
            scored=sum(each.id in cards for each in shown),
            framework=plain(tell(framework.name)),
        ),
        table=table,
        columns=columns,
        meaning=t("methods.meaning"),
        facts={t("shell.source"): t("methods.source")},
        # The card below says them of the indicator that is chosen there.
        file_only=COLUMNS[COLUMNS.index("cards") + 1 :],
        narrowed=True,
    )


def _heading(name: str) -> str:
    room = "framework" if name in ("code", "name", "unit") else "register"
    if name == "tags":
        return t("methods.tag")
    own = ("numerator", "denominator", "level", "cards")
    return t(f"methods.{name}") if name in own else t(f"{room}.{name}")


def _row(each: Indicator, cards: str) -> tuple[str, ...]:
    above, below = [initial(tell(part)) for part in each.parts] if each.parts else ("", "")
    return (
        each.id,
        tell(each.name),
        t(f"register.polarities.{each.polarity}"),
        target_word(each),
        t(f"register.target_basis.{each.target_basis}"),
        t(f"register.accountable.{each.accountable}"),
        cards,
        tell(each.definition),
        above,
        below,
        tell(each.unit),
        listed(_tag_word(tag) for tag, ids in TAGS.items() if each.id in ids),
        listed(map(clause_word, each.clauses)),
        listed(tell(TABLES[name].label) for name in each.sources if name in TABLES),
        t(f"methods.levels.{each.level}"),
        tell(each.target_source),
        tell(each.frequency),
    )


def _cards(framework: Framework) -> dict[str, str]:
    """Return indicator -> the cards that score it, with its share of 100 on each."""
    said: dict[str, list[str]] = {}
    for item in framework.items:
        kind = item.indicator.applies_to if item.card == "township" else "county"
        card = t(f"frameworks.of.{kind if kind == 'subdistrict' else item.card}")
        said.setdefault(item.indicator_id, []).append(
            t("methods.on_card", card=card, weight=f"{item.weight:.2f}")
        )
    return {code: listed(words) for code, words in said.items()}


def one_indicator(shown: Sequence[Indicator]) -> None:
    """Show one indicator: what the register says, its parts, its query, what it is asked with."""
    names = {each.id: f"{each.id} {tell(each.name)}" for each in shown}
    code = address.select("indicator", t("register.choose"), list(names), names.__getitem__)
    each = INDICATORS[code]
    said = facts(each)
    if each.parts:
        above, below = each.parts
        said = {
            **said,
            t("methods.numerator"): plain(initial(tell(above))),
            t("methods.denominator"): plain(initial(tell(below))),
        }
    with st.container(border=True):
        st.subheader(plain(names[code]), anchor=False)
        st.markdown(
            "\n".join(f"- **{word}**{t('shell.colon')}{text}" for word, text in said.items())
        )
        _asked(each)
        if each.query:
            with st.expander(t("register.formula")):
                st.code(sql(each.query), language="sql")


def _asked(each: Indicator) -> None:
    """List the requirements of a checklist, or the questions of an index."""
    items = [f"{item.code} {tell(item.text)}" for item in ITEMS if item.indicator_id == each.id]
    asked = [f"{q.question_id} {tell(q.text)}" for q in QUESTIONS if q.index_code == each.id]
    for heading, lines in (("methods.checklist", items), ("methods.questions", asked)):
        if lines:
            st.markdown(f"**{t(heading, n=len(lines))}**")
            st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def parameters_panel(table: pd.DataFrame) -> Panel:
    """Return the parameters in force: defaults of the product, then what the county set."""
    shown = pd.DataFrame(
        {
            "kind": [t(f"methods.kind.{kind}") for kind in table["kind"]],
            "name": [_parameter(row) for row in table.to_dict("records")],
            "value": table["value"],
            "place": table["place_code"].fillna("").replace("", BLANK),
            "from_year": table["from_year"],
            "source": table[f"source_{t('methods.language')}"].fillna(""),
        }
    )
    shown["from_year"] = pd.to_numeric(shown["from_year"])
    formats = {"value": "%g", "from_year": "%d"}
    columns: Columns = {name: (t(f"methods.parameter.{name}"), formats.get(name)) for name in shown}
    return Panel(
        key="methods-parameters",
        title=t("methods.parameters"),
        sentence=t(
            "methods.parameters_sentence",
            n=len(shown),
            own=int(table["kind"].isin(["indicator", "radius", "area", "scoring"]).sum()),
            unset=int((table["value"].isna() & table["kind"].ne("scoring")).sum()),
        ),
        table=shown,
        columns=columns,
        meaning=t("methods.parameters_meaning"),
    )


_LISTS = {
    "default": "indicator_param",
    "indicator": "indicator_param",
    "radius": "service",
    "scoring": "survey_points",
}


def _parameter(row: dict[str, str]) -> str:
    if row["kind"] == "setting":
        return t(f"methods.setting_name.{row['name']}")
    name = _code(_LISTS.get(row["kind"], "area_function"), row["name"])
    if pd.isna(row["held_for"]):
        return name
    place = _code("setting" if row["kind"] == "radius" else "area_scope", row["held_for"])
    return t("methods.held_for", name=name, place=place)


def _code(codes: str, value: str) -> str:
    return next((tell(code.label) for code in CODES[codes] if code.value == value), value)
