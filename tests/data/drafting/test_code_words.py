"""Words of a file that are no codes: said once by a person, kept with the mapping."""

from pathlib import Path

import pandas as pd
import pyarrow as pa

from data import ingest
from data.contracts import TABLES
from data.drafting import mappings
from data.drafting.code_words import as_codes, unknown
from data.ingest import Options
from data.store import Store
from tests.data.reading import in_this_process

TABLE = TABLES["facilities"]
HEAD = "facility_id,township_code,name_zh,services,is_comprehensive,status"
FILE = f"{HEAD}\nF1,990101100,甲站,legal;普法,是,在用 \nF2,990101100,乙站,legal,否,关停\n"


def column(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


def test_words_that_no_list_has_are_found_and_read_as_said() -> None:
    status, services = TABLE.column("status"), TABLE.column("services")
    cells = column("在用 ", "idle", None, "关停", "在用", "闲置")
    assert unknown(cells, status) == ["在用", "关停"]
    assert as_codes(cells, status, {"在用": "operating"}).to_pylist() == [
        "operating", "idle", None, "关停", "operating", "闲置",
    ]  # fmt: skip
    several = column("legal;普法", "", "普法")
    assert unknown(several, services) == ["普法"]
    read = as_codes(several, services, {"普法": "psych"}).to_pylist()
    assert read == ["legal;psych", "", "psych"]
    assert unknown(column("甲"), TABLE.column("name_zh")) == []


def test_what_was_said_is_applied_told_and_kept_with_the_mapping(
    towns: Store, tmp_path: Path
) -> None:
    file = tmp_path / "设施.csv"
    file.write_text(FILE, encoding="utf-8")
    words = {"status": {"在用": "operating"}, "services": {"普法": "psych"}}
    with in_this_process():
        before = ingest.prepare(towns, file, file.name)
        assert before.records_kept == 0
        mapping = Options(table="facilities", words=words).to_mapping()
        draft = ingest.prepare(towns, file, file.name, Options.from_mapping(mapping))
        held = pd.read_parquet(draft.accepted["facilities"])
        assert held[["services", "status"]].values.tolist() == [["legal;psych", "operating"]]
        assert draft.problems["value"].tolist() == ["关停"]
        # What was understood is said in the words of the code list.
        told = {word.zh: word.en for word in draft.warnings if "→" in word.zh}
        assert any("在用 → 运行中" in zh and "在用 → Operating" in en for zh, en in told.items())
        mappings.save(towns.folder, "民政局", HEAD.split(","), mapping)
        again = ingest.prepare(towns, file, file.name)
    assert (again.records_kept, again.problems["value"].tolist()) == (1, ["关停"])
