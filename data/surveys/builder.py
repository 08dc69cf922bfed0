"""The tables of one survey file, collected question by question.

What is not certain is listed for a person to decide and its records are refused; nothing is
guessed.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.contracts import TABLES
from data.errors import DataError
from data.files import Grid
from data.formats import unseen
from data.problems import problem
from data.surveys import wjx
from data.surveys.answer_labels import label_scores, yes_no_scores
from data.surveys.options import chosen_in, in_columns, in_one_column, option_name
from data.surveys.personal import masked
from data.surveys.place_names import Towns, Villages, below_county, in_township
from data.surveys.reading import (
    BLANKS,
    OPEN_TABLES,
    QUESTIONS,
    SURVEY_TABLE_ORDER,
    USES,
    VILLAGE_COLUMNS,
    SurveyMapping,
    SurveyReading,
    Understood,
)
from data.words import Text, both, listing

_DIGITS = re.compile(r"[-+\d.．]+")
_MOST_OPTIONS = 60
# What Qualtrics says of such answers, in words and by number.
_PREVIEWS = (
    "Survey Preview", "Survey Test", "Spam", "Survey Preview Spam", "Imported Spam",
    "Offline Survey Preview", "1", "2", "8", "9", "12", "17",
)  # fmt: skip
_OWN_WORDS = re.compile(r"〖[^〖〗]*〗|(?<=^[01])\^.*", re.DOTALL)


def question_ids(question: wjx.Question) -> list[tuple[str, str, int]]:
    """Return (question id, wording, column position) for every column of a question.

    Rows of a matrix are numbered; options are named, so that an export by text, which knows only
    the options somebody chose, gives them the same ids. A wording that the header lost is 第2题.
    """
    number = f"Q{question.number}"
    stem = question.stem or f"第{question.number}题"
    if len(question.columns) == 1 and not question.options:
        return [(number, stem, question.columns[0])]
    if question.options:
        names = [f"{number}_{option_name(option)}" for option in question.options]
        if len(set(names)) < len(names):
            names = [f"{name}_{n}" for n, name in enumerate(names, start=1)]
    else:
        names = [f"{number}_{n}" for n in range(1, len(question.columns) + 1)]
    parts = question.items or question.options
    return [
        (name, f"{stem}—{part or n}", position)
        for n, (name, part, position) in enumerate(
            zip(names, parts, question.columns, strict=True), start=1
        )
    ]


class Builder:
    """Collects the tables of one survey file; `reading` returns them."""

    def __init__(
        self, grid: Grid, mapping: SurveyMapping, towns: pd.DataFrame, survey_id: str
    ) -> None:
        self.grid, self.mapping, self.towns, self.survey_id = grid, mapping, towns, survey_id
        self.base = pd.DataFrame(
            {"record": grid.records.to_pandas(), "line": grid.lines.to_pandas()}
        )
        self.respondents = self.base.assign(survey_id=survey_id)
        self.answers: list[pd.DataFrame] = []
        self.open: dict[str, list[pd.DataFrame]] = {name: [] for name in OPEN_TABLES}
        self.questions: list[dict[str, object]] = []
        self.understood: list[Understood] = []
        self.labels: dict[str, tuple[int | None, str]] = {}
        self.areas = pd.DataFrame(columns=["name", "respondents", "township_code", "state"])
        self.villages = pd.DataFrame(columns=list(VILLAGE_COLUMNS))
        self.problems: list[dict[str, object]] = []
        self.banked: dict[str, str] = {}
        self.hidden: dict[int, pd.Series] = {}
        self.said: list[Text] = []
        # Whether some column of the file has 非常满意 or the like (`answer_labels.label_scores`).
        self.ends_seen = True

    @cached_property
    def known_towns(self) -> Towns:
        """The townships that are held, by every spelling of their names."""
        return Towns(self.towns)

    def note(
        self,
        question_id: str,
        text: str,
        columns: tuple[int, ...],
        use: str,
        listed: bool = True,
    ) -> None:
        """Tell the person what a question was read as, with the answers seen where `listed`."""
        options: tuple[str, ...] = ()
        if listed and use in ("sat5", "yesno", "unused") and len(columns) == 1:
            found = pc.unique(self.grid.cells.column(columns[0])).to_pylist()
            # Somebody's own words are no option.
            seen = {re.sub("〖.*", "", wjx.clean(text)) for text in found if text is not None}
            options = tuple(sorted(seen - BLANKS)) if len(seen) <= _MOST_OPTIONS else ()
        self.understood.append(Understood(question_id, text, columns, use, options))

    def use(self, question_id: str) -> str | None:
        """Return what a person said a question is read as, by name or by the bank's question.

        Raises DataError `use_unknown`, `bank_unknown`.
        """
        chosen = self.mapping.questions.get(question_id, {})
        use, bank = chosen.get("use"), chosen.get("bank")
        if use and use not in USES:
            raise DataError("use_unknown", question=question_id, use=use, choices="、".join(USES))
        if bank and bank not in QUESTIONS:
            raise DataError("bank_unknown", question=question_id, bank=bank)
        return use or (QUESTIONS[bank].answer_type if bank else None)

    def separator(self, question: wjx.Question) -> str:
        """Return what stands between the options of a cell: as a person said, else as was found."""
        said = self.mapping.questions.get(f"Q{question.number}", {}).get("separator")
        return said or question.separator or wjx.SEPARATOR

    def area(self, question_id: str, text: str, position: int) -> None:
        """Read a column of place names or codes as townships."""
        names = self.cells(position)
        counts = names.value_counts().sort_index()
        asked = [name for name in map(str, counts.index) if name not in BLANKS]
        bare = {name: code for name in asked if (code := self.known_towns.code(name))}
        beneath, above = below_county([n for n in asked if n not in bare], self.known_towns)
        self._tell_above(above, len(beneath))
        rows = []
        for label, count in counts.items():
            chosen = None if label in BLANKS else self.mapping.areas.get(str(label))
            code = chosen or bare.get(str(label)) or beneath.get(str(label), "")
            state = "chosen" if chosen else "found" if code else "unknown"
            rows.append((label, int(count), code, "blank" if label in BLANKS else state))
        self.areas = pd.DataFrame(rows, columns=list(self.areas.columns))
        state_of = dict(zip(self.areas["name"], self.areas["state"], strict=True))
        code_of = dict(zip(self.areas["name"], self.areas["township_code"], strict=True))
        self.respondents["township_code"] = names.map(code_of)
        for state, code in (("unknown", "area_unknown"), ("blank", "area_blank")):
            self._refuse(names.map(state_of).eq(state), position, names, code)
        self.note(question_id, text, (position,), "area")

    def village(
        self, question_id: str, text: str, position: int, communities: pd.DataFrame
    ) -> None:
        """Read a column of village names or codes; call it after `area`.

        A name is looked up in the respondent's own township, or in the county where the file has
        no townships; what is not found there exactly once is asked.
        """
        names = self.cells(position)
        towns = self.respondents.get("township_code", pd.Series("", index=names.index)).fillna("")
        keys = (towns + "/" + names).where(~names.isin(BLANKS), "")
        known = Villages(communities)
        rows, codes = [], {"": ""}
        counts = keys[keys != ""].value_counts().sort_index()
        bare = {key: code for key in map(str, counts.index) if (code := known.code(key))}
        asked = [key for key in map(str, counts.index) if key not in bare]
        beneath, above = in_township(asked, self.known_towns, known)
        self._tell_above(above, len(beneath))
        for key, count in counts.items():
            chosen = self.mapping.areas.get(str(key))
            code = bare.get(str(key)) or beneath.get(str(key), "")
            codes[str(key)] = chosen if chosen is not None else code
            found = "found" if codes[str(key)] else "unknown"
            state = "chosen" if chosen is not None else found
            rows.append((key, int(count), codes[str(key)], state))
        self.villages = pd.DataFrame(rows, columns=list(VILLAGE_COLUMNS))
        unknown = set(self.villages.loc[self.villages["state"] == "unknown", "name"])
        self.respondents["community_code"] = keys.map(codes)
        if "township_code" not in self.respondents:
            self.respondents["township_code"] = self.respondents["community_code"].str[:9]
        self._refuse(keys.isin(unknown), position, names, "village_unknown")
        self.note(question_id, text, (position,), "village")

    def _tell_above(self, above: tuple[str, ...], count: int) -> None:
        if above and count:
            self.said.append(both("import.below_county", names=listing(above), n=count))

    def cells(self, position: int) -> pd.Series:
        """Return one column as `wjx.cells`; a cell that holds what nobody sees is refused, and ''.

        Somebody's own words beside an option (an emoji has joiners) are not kept and may.
        """
        values = wjx.cells(self.grid, position)
        marked = [text for text in values.unique() if unseen.has(_OWN_WORDS.sub("", text))]
        hidden = values.isin(marked)
        if hidden.any() and position not in self.hidden:
            self._refuse(hidden, position, values.map(unseen.shown), "unseen")
            self.hidden[position] = hidden
        return values.mask(hidden, "")

    def _refuse(self, where: pd.Series, position: int, values: pd.Series, code: str) -> None:
        if position in self.hidden:  # refused for that already
            where = where & ~self.hidden[position]
        places = self.base[where].itertuples(index=False, name=None)
        for (record, line), value in zip(places, values[where], strict=True):
            header = self.grid.header[position]
            self.problems.append(problem(record, line, header, str(value), code))

    def scored(
        self,
        question_id: str,
        text: str,
        position: int,
        kind: str = "sat5",
        scale: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Read a column of labels as points 1..5, or as 1 and 0 of a yes-or-no question.

        scale: the points of numbers and stars (`number_scales`).
        """
        values = self.cells(position)
        seen = [value for value in values.unique() if value not in BLANKS]
        points: dict[str, int | None] = {}
        for label, (name, point, state) in self._points(question_id, kind, seen, scale).items():
            if state != "unclear":
                points[label] = point
            # What is unclear in one question is asked, though it is known in another.
            if state in ("unclear", "chosen") or name not in self.labels:
                self.labels[name] = (point, state)
        self._refuse(
            values.isin([v for v in seen if v not in points]), position, values, "label_unclear"
        )
        texts = {label: "" if point is None else str(point) for label, point in points.items()}
        self.answer(question_id, text, kind, _look_up(values, texts), (position,))

    def _points(
        self, question_id: str, kind: str, seen: list[str], scale: Mapping[str, int]
    ) -> dict[str, tuple[str, int | None, str]]:
        """Return label -> (name it is asked by, points, state)."""
        known: dict[str, int | None]
        if kind == "yesno":
            known = yes_no_scores(seen)
        else:
            known = {**label_scores(seen, self.ends_seen).scores, **scale}
        found = {}
        for label in seen:
            name = _label_name(question_id, label)
            said = next((n for n in (name, label) if n in self.mapping.labels), None)
            if said is not None:
                point, state = self.mapping.labels[said], "chosen"
            else:
                point, state = known.get(label), "known" if label in known else "unclear"
            if state == "known" and point is None:
                state = "not_scored"
            if not _fits(kind, point):
                point, state = None, "unclear"
            found[label] = (name, point, state)
        return found

    def answer(
        self,
        question_id: str,
        text: str,
        kind: str,
        values: pd.Series,
        columns: tuple[int, ...],
        listed: bool = True,
    ) -> None:
        """Keep the values of a question as answers of the given kind ('' for none)."""
        stored = self.declare(question_id, text, kind)
        self.answers.append(self.base.assign(question_id=stored, value=values))
        self.note(question_id, text, columns, kind, listed)

    def declare(self, question_id: str, text: str, kind: str) -> str:
        """Put a question into the survey's own bank; return the id it is stored under.

        Raises DataError `bank_twice`, `bank_mismatch`.
        """
        chosen = dict(self.mapping.questions.get(question_id, {}))
        stored = chosen.get("bank") or question_id
        bank = QUESTIONS.get(stored)
        if stored in self.banked:
            raise DataError(
                "bank_twice", bank=stored, first=self.banked[stored], second=question_id
            )
        self.banked[stored] = question_id
        if bank and "bank" in chosen and bank.answer_type != kind:
            raise DataError("bank_mismatch", bank=stored, question=question_id)
        self.questions.append(
            {
                "survey_id": self.survey_id,
                "question_id": stored,
                "index_code": chosen.get("index_code", bank.index_code if bank else "") or "",
                "pair_dim": chosen.get("pair_dim", bank.pair_dim if bank else "") or "",
                "answer_type": kind,
                "text_zh": text,
                "text_en": chosen.get("text_en") or (bank.text.en if bank else text),
            }
        )
        return stored

    def comments(self, question_id: str, text: str, position: int) -> None:
        """Keep what people wrote, with what tells who they are covered; blanks are no comments."""
        values = wjx.cells(self.grid, position)
        said = values[~values.isin(BLANKS)]
        stored = self.declare(question_id, text, "text")
        rows = self.base.loc[said.index].assign(question_id=stored, comment=masked(said))
        self.open["survey_comments"].append(rows)
        self.note(question_id, text, (position,), "text")

    def ranking(self, question: wjx.Question) -> None:
        """Keep the places people gave to options, from one column (路→水) or one per option."""
        number, stem = f"Q{question.number}", question.stem or f"第{question.number}题"
        placed = in_one_column if question.separator else in_columns
        rows = self.base.loc[(found := placed(self.grid, question)).index]
        stored = self.declare(number, stem, "ranking")
        rows = rows.assign(question_id=stored, option=found["option"], place=found["place"])
        self.open["survey_rankings"].append(rows)
        self.note(number, stem, question.columns, "ranking", listed=False)

    def ticks(self, question: wjx.Question) -> None:
        """Take a multiple choice with a 0/1 column per option as yes-or-no questions.

        A respondent with some cells filled and others blank is refused: nobody can say whether
        a blank is an option left or a cell lost.
        """
        parts = question_ids(question)
        values = {name: self.cells(position) for name, _, position in parts}
        blank = pd.DataFrame(values).isin(BLANKS)
        if question.marked:
            answered = ~blank.all(axis=1)
            values = {n: (~blank[n]).astype(int).astype(str).where(answered, "") for n in values}
            blank = pd.DataFrame(values).isin(BLANKS)
        partly = blank.any(axis=1) & ~blank.all(axis=1)
        for name, text, position in parts:
            self._refuse(partly & blank[name], position, values[name], "ticks_partly")
            if name in self.mapping.leave_out:
                self.note(name, text, (position,), "unused", listed=False)
                continue
            ticked = values[name].str.extract(r"^([01０１])(?:\^|$)")[0].fillna("")
            ticked = ticked.replace({"０": "0", "１": "1"})
            self.answer(name, text, "yesno", ticked, (position,), listed=False)

    def joined(self, question: wjx.Question) -> None:
        """Take a multiple choice in one column ('道路┋饮水┋其他〖…〗') as yes-or-no questions.

        What stands in 〖〗 is somebody's own words and is not kept.
        """
        position = question.columns[0]
        number, stem, _ = question_ids(question)[0]
        values = self.cells(position)
        mark = question.separator or wjx.SEPARATOR
        chosen = {text: chosen_in(text, mark) for text in values.unique() if text not in BLANKS}
        options = sorted({option for each in chosen.values() for option in each or ()})
        broken = [text for text, each in chosen.items() if each is None]
        self._refuse(values.isin(broken), position, values, "option_unclear")
        if not 0 < len(options) <= _MOST_OPTIONS:
            self.note(number, stem, (position,), "unused", listed=False)
            return
        for option in options:
            name = f"{number}_{option}"
            if name in self.mapping.leave_out:
                self.note(name, f"{stem}—{option}", (position,), "unused", listed=False)
                continue
            ticked = {
                text: str(int(option in each)) for text, each in chosen.items() if each is not None
            }
            told = _look_up(values, ticked)
            self.answer(name, f"{stem}—{option}", "yesno", told, (position,), listed=False)

    def previews(self, position: int) -> None:
        """Refuse answers that somebody gave to try the questionnaire out, or that a robot gave."""
        values = self.cells(position)
        self._refuse(values.isin(_PREVIEWS), position, values, "answer_preview")

    def doubled(self, telling: Sequence[int], *, person: int | None = None) -> None:
        """Refuse what repeats an earlier row in every cell: one questionnaire, not two.

        telling: columns that tell questionnaires apart. person: a column that names each
        respondent once; of rows that are not alike under one name nobody knows which counts.
        """
        where = pd.Series(True, index=self.base.index)
        for position in telling:
            told = wjx.cells(self.grid, position)
            where &= told.duplicated(keep=False) & ~told.isin(BLANKS)
            if not where.any():
                return
        rows = self.grid.cells.filter(pa.array(where)).to_pandas()
        again = where.copy()
        again[where] = rows.duplicated().to_numpy()
        values = wjx.cells(self.grid, telling[0])
        self._refuse(again, telling[0], values, "answer_doubled")
        if person is not None:
            other = values.mask(again | values.isin(BLANKS)).dropna().duplicated(keep=False)
            unlike = other.reindex(values.index, fill_value=False)
            self._refuse(unlike, person, values, "respondent_twice")

    def weight(self, position: int) -> None:
        """Take a column as the weights; beside weights a blank is not 1, but missing."""
        values = self.cells(position)
        blank = values.isin(BLANKS)
        if blank.all():
            return
        self._refuse(blank, position, values, "weight_blank")
        self.respondents["weight"] = values.map(lambda text: unicodedata.normalize("NFKC", text))
        self.note("weight", self.grid.header[position].strip(), (position,), "weight", listed=False)

    def attribute(
        self, question_id: str, text: str, position: int, found: tuple[str, dict[str, str]]
    ) -> None:
        """Take a column of labels as sex, age band or residence type."""
        name, codes = found
        self.respondents[name] = _look_up(self.cells(position), codes)
        self.note(question_id, text, (position,), name)

    def _of_respondents(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(
            survey_id=self.survey_id,
            respondent_id="r" + rows["record"].astype(str).str.zfill(6),
        )

    def reading(
        self,
        personal: tuple[str, ...],
        flags: pd.DataFrame,
        asked: tuple[wjx.Question, ...] = (),
    ) -> SurveyReading:
        """Return the four tables; respondents are numbered by record."""
        respondents = self.respondents.assign(
            respondent_id="r" + self.base["record"].astype(str).str.zfill(6)
        )
        answers = pd.concat(self.answers, ignore_index=True) if self.answers else self.base.head(0)
        answers = self._of_respondents(answers)
        whole = pd.DataFrame({"record": [0], "line": [0]})
        meta = whole.assign(**_meta(self.mapping, self.survey_id, respondents))
        questions = pd.DataFrame(self.questions).assign(record=0, line=0)
        frames = dict(zip(SURVEY_TABLE_ORDER, (meta, questions, respondents, answers), strict=True))
        frames |= {
            name: self._of_respondents(pd.concat(parts))
            for name, parts in self.open.items()
            if parts
        }
        labels = [(label, points, state) for label, (points, state) in self.labels.items()]
        return SurveyReading(
            tables={name: _as_text(name, frame) for name, frame in frames.items()},
            understood=tuple(sorted(self.understood, key=lambda each: each.columns)),
            labels=pd.DataFrame(labels, columns=["label", "points", "state"]),
            areas=self.areas,
            problems=self.problems,
            personal=personal,
            flags=flags,
            villages=self.villages,
            questions=asked,
            said=tuple(self.said),
        )


def _look_up(values: pd.Series, known: Mapping[str, str]) -> pd.Series:
    """Return what each value stands for, '' for one that stands for nothing."""
    found = values.map(known).astype(object)
    return found.where(found.notna(), "")


def _label_name(question_id: str, label: str) -> str:
    """Name a label in the mapping: digits mean something else in every question."""
    if not _DIGITS.fullmatch(label):
        return label
    return f"{re.sub('_[0-9]+$', '', question_id)}={unicodedata.normalize('NFKC', label)}"


def _fits(kind: str, point: int | None) -> bool:
    return point is None or point in ((0, 1) if kind == "yesno" else (1, 2, 3, 4, 5))


def _as_text(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    names = list(TABLES[table].column_names)
    return frame.reindex(columns=["record", "line", *names]).astype(dict.fromkeys(names, "string"))


def _meta(mapping: SurveyMapping, survey_id: str, respondents: pd.DataFrame) -> dict[str, str]:
    """Fill the registration with what the file itself says; a person's words win."""
    told = {"survey_id": survey_id, "title_zh": survey_id, "mode": "online", "audience": "resident"}
    ended = respondents.get("ended_at", pd.Series(dtype=str))
    days = pd.to_datetime(ended, errors="coerce").dropna()
    if len(days):
        told |= {"start_on": f"{days.min():%Y-%m-%d}", "end_on": f"{days.max():%Y-%m-%d}"}
    return told | {name: value for name, value in mapping.survey.items() if value}
