"""The reports page: what stands in a report is what the pages say."""

from pathlib import Path

import pandas as pd
import pytest

from data.store import Change, Store
from data.words import LANGUAGES
from metrics.exports.reports import Report
from pages.shared.meeting import report_files
from tests.pages.conftest import Look
from tests.pages.county import assessed, fill, said, visit


def made(monkeypatch: pytest.MonkeyPatch, **link: str) -> tuple[Report, str]:
    found: list[Report] = []
    monkeypatch.setattr(report_files, "offer", lambda report: found.append(report))
    app = visit("reports", **link)
    assert not app.exception
    assert not app.error
    return found[0], said(app).replace("\\", "")


def figures(report: Report) -> str:
    return "\n".join(
        [section.sentence + str(section.rows() if section.columns else "")
         for section in report.sections]
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_county_report_says_what_the_satisfaction_page_says(
    look: Look, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    look(fill, fictional="true")
    report, shown = made(monkeypatch, lang=language)
    page = said(visit("satisfaction", lang=language)).replace("\\", "")
    told = next(s for s in report.sections if "120" in s.sentence)
    assert told.sentence in shown
    score = told.sentence.split()[1 if language == "zh" else 2]
    assert score.strip("：:") in page
    assert report.mark
    assert report.language == language
    assert all(section.title for section in report.sections)
    assert "nan" not in figures(report)


def test_a_township_gets_its_own_sheet_and_no_hidden_figure(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(fill, minimum_base="41")  # each township has forty respondents
    report, _ = made(monkeypatch, report="township", town="990121100")
    assert "云溪镇" in report.title
    opinion = next(s for s in report.sections if s.title == "群众满意度")
    assert "40" not in opinion.sentence
    assert "分" not in opinion.sentence or "不" in opinion.sentence
    assert report.mark == ""


def test_without_a_township_its_sheet_asks_for_one(look: Look) -> None:
    look(fill)
    app = visit("reports", report="township")
    assert not app.exception
    assert app.info


def test_the_debrief_sheet_puts_the_countys_duties_before_the_gaps(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(fill)
    report, _ = made(monkeypatch, report="debrief")
    titles = [section.title for section in report.sections]
    assert titles.index("县级应履行的责任") < titles.index("影响人数最多的差距")


def test_the_version_for_the_public_names_no_unit_and_hides_few_people(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessed(folder)
    few = pd.DataFrame(
        {"unit_code": "990121", "indicator_id": ["D6", "D7"], "year": 2025, "value": [99.0, 90.0],
         "num": [1980.0, 1800.0], "den": [2000.0, 2000.0]}
    )  # fmt: skip
    with Store.open(folder) as store:
        store.publish([Change("reported_values", few)], author="t", message="t")
    report, shown = made(monkeypatch, report="public", year="2025")
    assert "第0镇" not in shown + figures(report)
    reach = next(s for s in report.sections if s.title == "服务够得着吗").rows()
    assert [row[1:] for row in reach] == [["不足 30", "—"], ["200", "10.0%"]]
    bands = next(s for s in report.sections if "9 个乡镇" in s.sentence)
    assert sum(int(row[1]) for row in bands.rows()) <= 9


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_is_called_by_what_it_is_about(
    look: Look, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    look(fill)
    report, _ = made(monkeypatch, lang=language, year="2025")
    name = report_files.called(report)
    assert name.startswith(report.title.replace(":", ""))
    assert "2025" in name
    assert not {*'/:*?"<>|'} & {*name}
