"""Template kits: filled with what is held, asked for the rest, and imported as they are."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from data import ingest
from data.contracts import TABLES
from data.errors import DataError
from data.files import read_grid
from data.formats.kits import parents_first
from data.forms import own_parts, template_files, templates
from data.forms.own_parts import EXAMPLE, NOTES, UNIT_NAME
from data.forms.templates import KIT, OFFERED, Period
from data.ingest import Options
from data.store import Change, Store
from tests.conftest import fill_towns

WITH_EXAMPLE = [n for n, t in TABLES.items() if t.uploadable and n != "boundaries"]


def examples(folder: Path, names: list[str]) -> Path:
    """Pack the worked examples as CSV files under their contract names."""
    path = folder / "examples.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            row = pd.DataFrame([templates.example(name)])
            archive.writestr(f"{name}.csv", row.to_csv(index=False))
    return path


@pytest.fixture(scope="module", autouse=True)
def in_this_process() -> Iterator[None]:
    """Read files without a child process for each: there are seventy of them here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            ingest.reading, "read_table", lambda path, name, _, **how: read_grid(path, name, **how)
        )
        yield


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store that holds the worked example of every table: a row each."""
    folder = tmp_path_factory.mktemp("kit")
    opened = Store.open(folder / "data")
    # What names a township or its county is checked against the townships that are held.
    later = ("reported_values", "actions", "proposals", "practices")
    for names in ([n for n in WITH_EXAMPLE if n not in later], later):
        kit = examples(folder, names)
        draft = ingest.prepare(opened, kit, kit.name)
        assert draft.problems.empty, draft.problems
        assert draft.records_kept == len(names)
        ingest.publish(opened, draft, author="a", message="m")
    return opened


def test_every_table_people_bring_has_a_whole_example() -> None:
    for name in WITH_EXAMPLE:
        filled = templates.example(name)
        assert list(filled) == list(TABLES[name].column_names), name


def unpacked(content: bytes, folder: Path) -> dict[str, Path]:
    """Take a kit out: table -> workbook."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for n, name in enumerate(archive.namelist()):
            found[name.removesuffix(".xlsx").rsplit("-", 1)[-1]] = folder / f"{n}.xlsx"
            (folder / f"{n}.xlsx").write_bytes(archive.read(name))
    return found


def test_a_kit_comes_back_without_a_question_and_changes_nothing(
    store: Store, tmp_path: Path
) -> None:
    kit = templates.kit(store, KIT, Period())
    path = tmp_path / "模板.zip"
    path.write_bytes(template_files.write(kit))
    draft = ingest.prepare(store, path, path.name)
    assert draft.problems.empty, draft.problems
    # Notes, examples and code lists are passed over without a word.
    assert draft.warnings == ()
    assert set(draft.accepted) == set(KIT)
    assert draft.effect[["new", "changed", "removed"]].to_numpy().sum() == 0
    assert draft.effect["unchanged"].tolist() == [1] * len(KIT)


def test_where_several_codes_may_stand_their_words_stand(store: Store, tmp_path: Path) -> None:
    (kit,) = templates.kit(store, ["facilities"], Period())
    assert kit.rows["services"].tolist() == ["党群服务;养老;公共法律服务"]
    files = unpacked(template_files.write([kit]), tmp_path)
    codes = read_grid(files["facilities"], "x.xlsx", sheet=own_parts.CODES)
    assert codes.cells.column(0)[0].as_py() == "就业"


def test_every_table_comes_back_by_itself_too(store: Store, tmp_path: Path) -> None:
    files = unpacked(
        template_files.write(templates.kit(store, ["community_year", "service_cases"], Period())),
        tmp_path,
    )
    for name in ("community_year", "service_cases"):
        draft = ingest.prepare(store, files[name], f"{name}.xlsx")
        assert list(draft.accepted) == [name]
        assert (draft.problems.empty, draft.warnings) == (True, ())


def test_an_empty_kit_is_empty_and_known(store: Store, tmp_path: Path) -> None:
    kit = templates.kit(store, ["drills", "facilities"], Period(2019))
    assert [len(each.rows) for each in kit] == [0, 1]  # facilities have no year
    files = unpacked(template_files.write(kit), tmp_path)
    grid = read_grid(files["drills"], "x.xlsx")
    assert len(grid.header) == len(TABLES["drills"].columns)
    assert grid.cells.num_rows == 0
    assert [sheet for sheet in grid.other_sheets if sheet in (NOTES, EXAMPLE)]


def test_the_next_year_asks_what_is_not_known(store: Store, tmp_path: Path) -> None:
    kit = templates.kit(store, ["community_year", "checklist_results"], Period(2026))
    village, checklist = kit
    assert (village.held, len(village.rows)) == (0, 1)
    row = village.rows.iloc[0]
    known = {name: cell for name, cell in row.items() if cell}
    assert known == {
        "community_code": "990101100201", "township_code": "990101100", "year": "2026",
    }  # fmt: skip
    assert village.names.tolist() == ["甲村"]
    assert checklist.rows.iloc[0]["item_code"] == "重大事项由党组织先行研究"
    assert checklist.rows.iloc[0]["passed"] == ""
    # Filled in, it is imported; the name beside the code is not.
    rows = village.rows.assign(resident_pop="1870", households="622")
    filled = templates.Template(village.table, rows, village.names, 0, 0)
    path = tmp_path / "2026.xlsx"
    path.write_bytes(template_files.workbook(filled))
    assert UNIT_NAME in read_grid(path, path.name).header
    draft = ingest.prepare(store, path, path.name)
    assert draft.problems.empty, draft.problems
    accepted = pd.read_parquet(draft.accepted["community_year"])
    assert accepted[["year", "resident_pop", "households"]].values.tolist() == [[2026, 1870, 622]]


def test_a_township_gets_its_own_rows_only(store: Store) -> None:
    names = ["townships", "community_year", "checklist_results", "drills", "radius_params"]
    kit = templates.kit(store, names, Period(2025, "990101101"))
    # No township stands in the radii: they are everybody's.
    assert [each.table.name for each in kit if len(each.rows)] == ["radius_params"]


def test_a_number_comes_back_to_its_last_digit(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data") as opened:
        fill_towns(opened)
        village = {
            "community_code": "990101100201", "township_code": "990101100", "name_zh": "=1+1",
            "kind": "village", "lat": 30.123456789012344, "lon": 110.1,
        }  # fmt: skip
        frame = pd.DataFrame([village])
        opened.publish([Change("communities", frame)], author="a", message="m")
        path = tmp_path / "村.xlsx"
        path.write_bytes(
            template_files.workbook(templates.kit(opened, ["communities"], Period())[0])
        )
        draft = ingest.prepare(opened, path, path.name, Options())
        assert draft.effect[["new", "changed", "unchanged"]].values.tolist() == [[0, 0, 1]]


@pytest.mark.parametrize(
    ("names", "code"),
    [([], "nothing_chosen"), (["boundaries"], "no_template"), (["nothing"], "unknown_table")],
)
def test_what_is_no_template_is_refused(store: Store, names: list[str], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        templates.kit(store, names, Period())
    assert refusal.value.code == code


def test_parents_come_first_when_all_tables_are_brought() -> None:
    ordered = [each.name for each in parents_first(TABLES[n] for n in OFFERED)]
    assert ordered.index("townships") < ordered.index("communities") < ordered.index("facilities")
