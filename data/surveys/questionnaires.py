"""What was decided about a questionnaire, kept for its next wave.

One JSON file per questionnaire in the store's `mappings/questionnaires/`, named by fingerprint.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data import saved
from data.errors import DataError
from data.surveys.reading import SurveyMapping
from data.surveys.wjx import Question

# What belongs to one wave: carried over, the next wave would replace this one, or claim its
# approval.
OF_ONE_WAVE = frozenset(
    {
        *("survey_id", "title_zh", "title_en", "start_on", "end_on"),
        *("form_no", "approval_no", "valid_until"),
    }
)
_VERSION = 1
_FINGERPRINT = re.compile(r"[0-9a-f]{32}")
_POINTS = frozenset({0, 1, 2, 3, 4, 5})


def fingerprint(questions: Sequence[Question]) -> str:
    """Return 32 hex digits that say which questionnaire an export is of.

    Made of the questions' numbers, stems and the rows of matrices, as the headers say them:
    whoever answered, and whether exported by text or by code, it is the same. Options are not in
    it, because a text export knows only those that somebody chose.
    """
    ordered = sorted(questions, key=lambda question: question.number)
    said = [[q.number, _plain(q.stem), [_plain(item) for item in q.items]] for q in ordered]
    text = json.dumps(said, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def remember(folder: Path, fingerprint: str, mapping: SurveyMapping) -> None:
    """Keep a mapping for the next wave in a store's folder; an older one is replaced.

    The registration is kept without what belongs to one wave (OF_ONE_WAVE).
    """
    content = {
        "version": _VERSION,
        "survey": {k: v for k, v in mapping.survey.items() if k not in OF_ONE_WAVE},
        "questions": {name: dict(said) for name, said in mapping.questions.items()},
        "labels": dict(mapping.labels),
        "areas": dict(mapping.areas),
        "leave_out": sorted(mapping.leave_out),
    }
    saved.write(_file(folder, fingerprint), content)


def is_known(folder: Path, fingerprint: str) -> bool:
    """Say whether something is remembered of a questionnaire."""
    return _file(folder, fingerprint).exists()


def recall(folder: Path, fingerprint: str) -> SurveyMapping | None:
    """Return what is remembered of a questionnaire, or None.

    Raises DataError `saved_unreadable` for a damaged file, `questionnaire_damaged` for one whose
    content is no mapping.
    """
    file = _file(folder, fingerprint)
    if not file.exists():
        return None
    held = saved.read(file)
    fault = next((name for name, sound in _CHECKS.items() if not sound(held.get(name))), None)
    if fault:
        raise DataError("questionnaire_damaged", file=file.name, part=fault)
    return SurveyMapping(
        survey=held["survey"],
        questions=held["questions"],
        labels=held["labels"],
        areas=held["areas"],
        leave_out=frozenset(held["leave_out"]),
    )


def overlaid(remembered: SurveyMapping, said: SurveyMapping) -> SurveyMapping:
    """Return what is remembered with what a person says now on top of it, entry by entry."""
    return SurveyMapping(
        survey={**remembered.survey, **said.survey},
        questions={**remembered.questions, **said.questions},
        labels={**remembered.labels, **said.labels},
        areas={**remembered.areas, **said.areas},
        leave_out=remembered.leave_out | said.leave_out,
    )


def _file(folder: Path, fingerprint: str) -> Path:
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise ValueError(f"no fingerprint: {fingerprint!r}")
    return folder / "mappings" / "questionnaires" / f"{fingerprint}.json"


def _texts(held: Any) -> bool:
    return isinstance(held, Mapping) and all(isinstance(value, str) for value in held.values())


def _said(held: Any) -> bool:
    return isinstance(held, Mapping) and all(_texts(value) for value in held.values())


def _points(held: Any) -> bool:
    return isinstance(held, Mapping) and all(
        value is None or (type(value) is int and value in _POINTS) for value in held.values()
    )


def _names(held: Any) -> bool:
    return isinstance(held, list) and all(isinstance(value, str) for value in held)


_CHECKS = {
    "version": lambda held: held == _VERSION,
    "survey": _texts,
    "questions": _said,
    "labels": _points,
    "areas": _texts,
    "leave_out": _names,
}
