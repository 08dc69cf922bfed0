"""Cells of .ods: what a person sees in them, or their fault named."""

from pathlib import Path

import pytest

from tests.data.books import ONE, ods_cells, xlsx
from tests.data.reading import read, refusal, rows


@pytest.mark.parametrize(
    ("cell", "text", "sound"),
    [
        ('<t:table-cell o:value-type="float" o:value="0.1"/>', "0.1", True),
        # Noughts and units that only the number format puts there are what a person sees.
        *((f'<t:table-cell o:value-type="float" o:value="{value}"><x:p>{shown}</x:p>'
           "</t:table-cell>", text, True) for value, shown, text in (
            ("7", "0007", "0007"), ("0.12", "0.1公顷", "0.12公顷"), ("1200", "1,200 亩", "1200亩"),
            ("12345", "1.2万", "12345"), ("7", "0008", "7"), ("0.125", "0.13", "0.125"),
            ("3", "3个", "3"),
        )),
        ('<t:table-cell o:value-type="boolean" o:boolean-value="true"/>', "TRUE", True),
        ('<t:table-cell o:value-type="time" o:time-value="PT09H30M00S"/>', "09:30:00", True),
        ('<t:table-cell o:value-type="date" o:date-value="2025-03-31T00:00:00"/>',
         "2025-03-31", True),
        ('<t:table-cell o:value-type="string" o:string-value="甲"/>', "甲", True),
        ('<t:table-cell o:value-type="float" c:value-type="error" o:value="0">'
         "<x:p>#DIV/0!</x:p></t:table-cell>", "#DIV/0!", False),
        ('<t:table-cell t:formula="of:=1+1"/>', "of:=1+1", False),
        ("<t:table-cell>\n <x:p>甲<x:s x:c=\"2\"/><x:span>乙</x:span></x:p>\n"
         " <x:p>丙</x:p>\n</t:table-cell>", "甲  乙\n丙", True),
        # Remarks, pictures and reading aids lie on the cell, they are not its value.
        ("<t:table-cell><o:annotation><x:p>remark</x:p></o:annotation>"
         "<x:p>甲</x:p></t:table-cell>", "甲", True),
        ("<t:table-cell><d:frame><d:image><x:p/></d:image></d:frame>"
         "<x:p>甲</x:p></t:table-cell>", "甲", True),
        ("<t:table-cell><x:p><x:ruby><x:ruby-base>甲</x:ruby-base>"
         "<x:ruby-text>jiǎ</x:ruby-text></x:ruby></x:p></t:table-cell>", "甲", True),
    ],
)  # fmt: skip
def test_cells_of_ods(tmp_path: Path, cell: str, text: str, sound: bool) -> None:
    grid = read(tmp_path, ods_cells(ONE + cell))
    assert rows(grid) == [["1", text]]
    assert [(f.column, f.value) for f in grid.faults] == ([] if sound else [(1, text)])


def test_hidden_sheets_are_not_read(tmp_path: Path) -> None:
    assert read(tmp_path, ods_cells(ONE)).header == ("a", "b")
    hidden = ods_cells(ONE, style='t:display="false"')
    assert read(tmp_path, hidden).header == ("c", "b")
    assert refusal(tmp_path, hidden, sheet="一").code == "sheet_unknown"
    assert refusal(tmp_path, xlsx(), sheet="说明").code == "sheet_unknown"


def test_a_table_inside_a_table_is_refused(tmp_path: Path) -> None:
    inner = f'<t:table t:name="三"><t:table-row>{ONE}</t:table-row></t:table>'
    content = ods_cells(f"<t:table-cell>{inner}</t:table-cell>")
    assert refusal(tmp_path, content).code == "unreadable"
