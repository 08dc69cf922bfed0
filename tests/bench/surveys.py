"""Import of a survey, its roll-up, and estimates for many domains."""

import csv
import shutil
import subprocess
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from data import ingest, readers
from data.answer_points import DEFAULT
from data.store import Change, Store
from metrics import survey
from metrics.satisfaction import figures
from tests.bench.measure import Result, took

TOWNS = [f"990101{n}" for n in range(100, 130)]
QUESTIONS = 10
# How often an import and its bare baseline are run, each as fast as it can.
TIMES = 3


def county(store: Store, people: int, mark: str = "") -> None:
    """Publish what the answers of so many people refer to."""
    rng = np.random.default_rng(0)
    villages = [f"{town}{n}" for town in TOWNS for n in range(200, 210)]
    village = rng.choice(villages, people)
    frames = {
        "townships": pd.DataFrame(
            {"township_code": TOWNS, "name_zh": "镇", "county_code": "990101"}
        ),
        "communities": pd.DataFrame(
            {"community_code": villages, "name_zh": "村", "kind": "village"}
        ).assign(township_code=lambda frame: frame["community_code"].str[:9]),
        "survey_meta": pd.DataFrame(
            [{"survey_id": "S", "title_zh": "调查", "mode": "face", "audience": "resident",
              "start_on": "2025-05-01", "end_on": "2025-05-20"}]
        ),
        "survey_questions": pd.DataFrame(
            {"question_id": [f"Q{n}" for n in range(1, QUESTIONS + 1)], "survey_id": "S",
             "index_code": ["S1"] + ["S2"] * 3 + [None] * (QUESTIONS - 4),
             "answer_type": "sat5", "text_zh": "题", "text_en": "question"}
        ),
        "survey_respondents": pd.DataFrame(
            {"survey_id": "S", "respondent_id": [f"{mark}{n:08d}" for n in range(people)],
             "community_code": village, "weight": rng.choice([0.8, 1.0, 1.3], people),
             "sex": rng.choice(["male", "female"], people)}
        ).assign(township_code=lambda frame: frame["community_code"].str[:9]),
    }  # fmt: skip
    changes = [Change(table, frame) for table, frame in frames.items()]
    store.publish(changes, author="bench", message="bench")


def answers_file(file: Path, rows: int, header: str, mark: str = "", encoding: str = "") -> None:
    """Write a long file of answers in which every person answers every question."""
    values = np.random.default_rng(1).integers(1, 6, rows)
    with file.open("w", encoding=encoding or "utf-8", newline="") as lines:
        lines.write(header + "\n")
        csv.writer(lines, lineterminator="\n").writerows(
            ("S", f"{mark}{n // QUESTIONS:08d}", f"Q{n % QUESTIONS + 1}", value)
            for n, value in enumerate(values.tolist())
        )


PLAIN = "survey_id,respondent_id,question_id,value"
CHINESE = "调查编号,受访者随机编号,题号,答案"


def imported(folder: Path, file: Path, people: int, mark: str = "") -> tuple[float, float]:
    """Return the seconds in which a file is checked, staged and published, at the fastest."""
    runs = [_imported_once(folder, file, people, mark) for _ in range(TIMES)]
    return min(wall for wall, _ in runs), min(used for _, used in runs)


def _imported_once(folder: Path, file: Path, people: int, mark: str) -> tuple[float, float]:
    shutil.rmtree(folder / "store", ignore_errors=True)
    readers.make_ready()  # as the page does that a file is given to
    with Store.open(folder / "store") as store:
        county(store, people, mark)

        def bring() -> None:
            draft = ingest.prepare(store, file, file.name)
            ingest.publish(store, draft, author="bench", message="bench")

        return took(bring)


def import_survey(size: float = 1.0) -> Result:
    """A survey CSV checked, staged and published against DuckDB's bare CSV to Parquet."""
    rows = max(1000, int(1_000_000 * size)) // QUESTIONS * QUESTIONS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        file, target = folder / "answers.csv", folder / "bare.parquet"
        answers_file(file, rows, PLAIN)
        bare = took(lambda: duckdb.sql(f"COPY (FROM read_csv('{file}')) TO '{target}'"), TIMES)
        seconds, used = imported(folder, file, rows // QUESTIONS)
    return Result(
        "import_survey", f"{rows:,} answers checked, staged, published",
        "DuckDB: CSV to Parquet, nothing checked", seconds, used, *bare, limit=3.0,
        memory_limit_mb=2048,
    )  # fmt: skip


def import_gb18030(size: float = 1.0) -> Result:
    """The same file in GB18030 against the same file in UTF-8."""
    rows = max(1000, int(1_000_000 * size)) // QUESTIONS * QUESTIONS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        told = []
        for encoding in ("utf-8", "gb18030"):
            file = folder / f"{encoding}.csv"
            answers_file(file, rows, CHINESE, "受访者", encoding)
            told.append(imported(folder, file, rows // QUESTIONS, "受访者"))
    return Result(
        "import_gb18030", f"{rows:,} answers in GB18030", "the same in UTF-8", *told[1], *told[0],
        limit=1.5, memory_limit_mb=2048,
    )  # fmt: skip


def _published(folder: Path, rows: int) -> Store:
    store = Store.open(folder)
    people = rows // QUESTIONS
    county(store, people)
    numbers = np.arange(people * QUESTIONS)
    answers = pd.DataFrame(
        {"survey_id": "S",
         "respondent_id": np.char.mod("%08d", numbers // QUESTIONS),
         "question_id": np.char.add("Q", (numbers % QUESTIONS + 1).astype(str)),
         "value": np.random.default_rng(1).integers(1, 6, len(numbers))}
    )  # fmt: skip
    store.publish([Change("survey_answers", answers)], author="bench", message="bench")
    return store


def roll_up(size: float = 1.0) -> Result:
    """The roll-up of all items, groups and PSUs against bare sums of the answers.

    The baseline asks for each grouping that the roll-up keeps by itself, of the questions alone:
    no index, no pair, nobody counted once who answered twice, nothing written. How long the column
    of answers takes to be added up stands among the facts.
    """
    rows = max(2000, int(1_000_000 * size))
    aside = pd.DataFrame({"survey_id": ["S"], "respondent_id": ["00000001"], "set_aside": [False]})
    groups = ("age_band", "sex", "residence_type", "has_disability")
    sets = ["township_code, community_code", "township_code, value"]
    sets += [f"township_code, community_code, {group}" for group in groups]
    with tempfile.TemporaryDirectory() as place, _published(Path(place), rows) as store:
        sums = "SELECT question_id, count(value), sum(value) FROM survey_answers GROUP BY ALL"
        whole = took(lambda: store.read(sums), 3)

        def bare() -> None:
            for each in sets:
                store.read(
                    f"SELECT question_id, {each}, count(*), sum(weight), sum(weight * value), "  # noqa: S608
                    "sum(weight * value * value) FROM survey_answers "
                    "JOIN survey_respondents USING (survey_id, respondent_id) GROUP BY ALL"
                )

        asked = took(bare)
        change = Change("survey_set_aside", aside)
        made = took(lambda: store.publish([change], author="bench", message="bench"))
    return Result(
        "roll_up", f"sums of {rows:,} answers by item, group, PSU; published",
        "DuckDB: the same groupings, one query each", *made, *asked, limit=1.0,
        facts={"column_seconds": whole[0], "column_cpu": whole[1]},
    )  # fmt: skip


def nation(rows: int) -> pd.DataFrame:
    """Return the answers of so many people to one question, in 38,600 townships at full size."""
    rng = np.random.default_rng(1)
    towns = max(20, round(rows * 38_600 / 10_000_000))
    town = rng.integers(0, towns, rows, dtype=np.int32)
    return pd.DataFrame(
        {
            "value": rng.integers(1, 6, rows, dtype=np.int8),
            "town": town,
            "psu": town * 10 + rng.integers(0, 10, rows, dtype=np.int32),
            "w": rng.choice([0.8, 1.0, 1.3], rows),
        }
    )


_BY_PSU = (
    "SELECT town, psu, count(*) AS n, sum(w) AS sw, sum(w * (value - 1) * 25) AS swy, "
    "sum(w * ((value - 1) * 25) ** 2) AS swyy FROM answers GROUP BY town, psu"
)


def domains(size: float = 1.0) -> Result:
    """All townships of the nation for one of five items, from the roll-up."""
    rows = max(20_000, int(10_000_000 * size))
    with tempfile.TemporaryDirectory() as place, Store.open(Path(place)) as store:
        with duckdb.connect() as bare:
            bare.register("answers", nation(rows))
            rows_took = took(lambda: bare.sql(_BY_PSU).fetchnumpy())
            sums = bare.sql(_BY_PSU).df()
        sums["township_code"] = sums["town"].astype(str).str.zfill(9)
        sums["psu"] = sums["psu"].astype(str).str.zfill(12)
        sums = sums.assign(survey_id="S", stratum=sums["township_code"])
        # In the order in which the roll-up writes them.
        sums = sums.sort_values(["township_code", "psu"])
        items = pd.concat([sums.assign(item=f"Q{n}") for n in range(1, 6)])
        psus = sums[["survey_id", "township_code", "psu", "n"]]
        changes = [Change("survey_sums", items), Change("survey_psus", psus)]
        store.publish(changes, author="bench", message="bench")

        def from_sums() -> pd.DataFrame:
            held, strata = figures.unit_sums(store, "S", "Q1", DEFAULT)
            return survey.estimate_from_sums(held, strata, by="township_code")

        told = took(from_sums, 3)
    return Result(
        "domains", f"all townships of one item of {rows:,} answers, from the roll-up",
        "DuckDB: the answers added up by PSU, no error estimated", *told, *rows_took,
        limit=0.3, limit_of="seconds",
    )  # fmt: skip


def domains_rows(size: float = 1.0) -> Result:
    """All townships of the nation for one item from its rows, against their bare sums.

    The bare sums are those by PSU, without which there is no standard error; how long DuckDB
    takes to add the columns up without any grouping stands among the facts.
    """
    rows = max(20_000, int(10_000_000 * size))
    frame = nation(rows)
    design = {"weight": "w", "strata": "town", "psu": "psu"}
    told = took(lambda: survey.estimate(frame, "value", by="town", **design), 2)
    with duckdb.connect() as bare:
        bare.register("answers", frame)
        summed = took(lambda: bare.sql(_BY_PSU).fetchnumpy(), 2)
        whole = "SELECT sum(value * w), sum(w), sum(town), sum(psu) FROM answers"
        seconds, used = took(lambda: bare.sql(whole).fetchall(), 2)
    return Result(
        "domains_rows", f"all townships of one item of {rows:,} answers, from the rows",
        "DuckDB: the same rows added up by PSU", *told, *summed, limit=2.0,
        facts={"ungrouped_seconds": seconds, "ungrouped_cpu": used},
    )  # fmt: skip


def svyby(size: float = 1.0) -> Result:
    """Five items by 1,000 townships against R's svyby, else against a plain pandas version."""
    rows, towns = max(4000, int(200_000 * size)), max(20, int(1000 * size))
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"q{n}": rng.integers(1, 6, rows) for n in range(1, 6)})
    frame["town"] = rng.integers(0, towns, rows)
    frame["psu"] = frame["town"] * 10 + rng.integers(0, 10, rows)
    frame["w"] = rng.random(rows) + 0.5
    items = [f"q{n}" for n in range(1, 6)]
    design = {"by": "town", "weight": "w", "strata": "town", "psu": "psu"}
    told = took(lambda: survey.estimate(frame, items, **design), 3)
    base = _in_r(frame, items)
    name = "R: svyby(svymean)"
    if base is None:
        base, name = took(lambda: _by_hand(frame, items)), "pandas, one township after the other"
    return Result(
        "svyby", f"{rows:,} rows, {towns:,} townships, 5 items", name, *told, *base, limit=1.0
    )


def _in_r(frame: pd.DataFrame, items: list[str]) -> tuple[float, float] | None:
    rscript = shutil.which("Rscript")
    if not rscript:
        return None
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "answers.csv"
        frame.to_csv(file, index=False)
        script = (
            "suppressMessages(library(survey)); d <- read.csv(commandArgs(TRUE)[1]);"
            "s <- svydesign(~psu, strata=~town, weights=~w, data=d, nest=TRUE);"
            "options(survey.lonely.psu='adjust');"
            f"t <- system.time(svyby(~{'+'.join(items)}, ~town, s, svymean));"
            "cat(t[['elapsed']], t[['user.self']] + t[['sys.self']])"
        )
        done = subprocess.run(
            [rscript, "-e", script, str(file)], capture_output=True, text=True, check=False
        )
    if done.returncode:
        return None
    wall, used = map(float, done.stdout.split()[-2:])
    return wall, used


def _by_hand(frame: pd.DataFrame, items: list[str]) -> list[float]:
    """Return standard errors by linearisation, written down as the formula stands."""
    errors = []
    for town, rows in frame.groupby("town"):
        for item in items:
            mean = np.average(rows[item], weights=rows["w"])
            scores = rows["w"] * (rows[item] - mean) / rows["w"].sum()
            totals = scores.groupby(frame.loc[frame["town"] == town, "psu"]).sum()
            count = len(totals)
            errors.append(
                np.sqrt(count / max(count - 1, 1) * ((totals - totals.mean()) ** 2).sum())
            )
    return errors
