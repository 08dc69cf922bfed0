"""Marks on questionnaires that a person should look at; none of them deletes anything.

Every function takes `records` (int64, one per respondent, in the order of the other arguments)
and returns one row per mark: `record`, `flag` (its name), `value` (what was measured, see there).
Answers are text; blanks are those of `data.surveys.wjx`.

Sources: Greszki, Meyer and Schoen 2015, Public Opinion Quarterly 79 (time against the median);
Curran 2016, Journal of Experimental Social Psychology 66 (same answer throughout, blanks);
Kuriakose and Robbins 2016, Statistical Journal of the IAOS 32 (duplicates).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.surveys.answer_labels import EMPTY, NOT_ANSWERED, SKIPPED

COLUMNS = ("record", "flag", "value")
# Under a third of the median time.
FAST_SHARE = 1 / 3
# The same answer to fewer questions is what a content person gives.
FEWEST_SCORED = 5
# Half of what was asked.
BLANK_SHARE = 0.5
# A family shares an address, a village hall does too; five is worth a look, no more.
MOST_PER_ADDRESS = 5
# With fewer questions two honest people answer alike all the time.
FEWEST_ALIKE = 10
# Alike on more than this share of what either answered, and yet not throughout.
NEARLY = 0.85
# In a block of more, each is set against so many that stand next in the order of answers.
NEIGHBOURS = 100
# Answers are packed three bits each, 21 to a word of 64.
PER_WORD = 21
_LOWEST_BITS = np.uint64(sum(1 << 3 * place for place in range(PER_WORD)))


def flags(
    records: pd.Series,
    answers: pd.DataFrame,
    *,
    scored: Sequence[str] = (),
    closed: Sequence[str] | None = None,
    seconds: pd.Series | None = None,
    address: pd.Series | None = None,
) -> pd.DataFrame:
    """Return all marks (record, flag, value) of one file, by record.

    answers: one column of text per question column. scored: those with points of satisfaction.
    closed: those counted for blanks and for likeness; None for all. seconds: duration, NaN where
    unknown. address: IP, '' where unknown.
    """
    counted = answers if closed is None else answers[list(closed)]
    found = [
        straight_line(records, answers[list(scored)]),
        many_blanks(records, counted),
        duplicate_answers(records, counted),
    ]
    if seconds is not None:
        found.append(too_fast(records, seconds))
    if address is not None:
        found += [same_address(records, address), same_address_answers(records, address, answers)]
    whole = pd.concat(found, ignore_index=True)
    return whole.sort_values(["record", "flag"], kind="stable", ignore_index=True)


def _marked(
    records: pd.Series, flag: str, hit: "pd.Series[bool]", value: pd.Series
) -> pd.DataFrame:
    where = hit.to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "record": records.to_numpy(dtype="int64")[where],
            "flag": pd.Series(flag, index=range(int(where.sum())), dtype=object),
            "value": value.to_numpy(dtype=float)[where],
        }
    )


def too_fast(records: pd.Series, seconds: pd.Series, share: float = FAST_SHARE) -> pd.DataFrame:
    """Mark 'speeder': faster than a share of the median time; value: time / median.

    Durations that are unknown (NaN) are neither marked nor part of the median.
    """
    median = seconds.median()
    relative = seconds / median if median > 0 else seconds * float("nan")
    return _marked(records, "speeder", relative < share, relative)


def straight_line(
    records: pd.Series, scored: pd.DataFrame, fewest: int = FEWEST_SCORED
) -> pd.DataFrame:
    """Mark 'straight_line': one answer to all scored questions; value: how many were answered.

    Blanks are no answers; somebody who answered fewer than `fewest` is not marked.
    """
    given = ~scored.isin(NOT_ANSWERED)
    count = given.sum(axis=1)
    # Column by column: rows are many, columns are few.
    first = pd.Series("", index=scored.index, dtype=object)
    alike = pd.Series(True, index=scored.index)
    for name in scored.columns:
        first = first.where(first.ne("") | ~given[name], scored[name])
        alike &= ~given[name] | scored[name].eq(first)
    return _marked(records, "straight_line", count.ge(fewest) & alike, count)


def many_blanks(
    records: pd.Series, answers: pd.DataFrame, share: float = BLANK_SHARE
) -> pd.DataFrame:
    """Mark 'many_blanks': at least a share of what was asked is blank; value: that share.

    A question that was skipped by the questionnaire's own rules, (跳过) or -3, was not asked.
    """
    asked = (~answers.isin(SKIPPED)).sum(axis=1)
    blank = answers.isin(EMPTY).sum(axis=1) / asked.where(asked > 0)
    return _marked(records, "many_blanks", blank >= share, blank)


def same_address(
    records: pd.Series, address: pd.Series, most: int = MOST_PER_ADDRESS
) -> pd.DataFrame:
    """Mark 'same_ip': an address used by `most` respondents or more; value: by how many."""
    bare = _bare(address)
    count = bare.map(bare.value_counts()).where(bare != "", 0)
    return _marked(records, "same_ip", count >= most, count)


def same_address_answers(
    records: pd.Series, address: pd.Series, answers: pd.DataFrame
) -> pd.DataFrame:
    """Mark 'same_ip_same_answers': address and all answers as in an earlier record.

    value: how many such questionnaires there are, the first included.
    """
    bare = _bare(address)
    copies, later = _copies(answers.assign(address=bare))
    return _marked(records, "same_ip_same_answers", later & (bare != ""), copies)


def duplicate_answers(
    records: pd.Series, answers: pd.DataFrame, fewest: int = FEWEST_ALIKE
) -> pd.DataFrame:
    """Mark 'duplicate_answers': all answers as in an earlier record; value: how many there are.

    Only where at least `fewest` questions are answered: short questionnaires and like-minded
    villages are alike by nature.
    """
    copies, later = _copies(answers)
    enough = (~answers.isin(NOT_ANSWERED)).sum(axis=1) >= fewest
    return _marked(records, "duplicate_answers", later & enough, copies)


def _bare(address: pd.Series) -> pd.Series:
    """192.0.2.19(浙江-示例市) without the place: it is guessed anew at every export."""
    return address.str.replace(r"[(（].*$", "", regex=True).str.strip()


def _copies(answers: pd.DataFrame) -> tuple[pd.Series, "pd.Series[bool]"]:
    """Return how many rows are like each row, and whether an earlier one is."""
    if answers.shape[1] == 0 or answers.empty:
        return pd.Series(0, index=answers.index), pd.Series(False, index=answers.index)
    alike = pd.util.hash_pandas_object(answers, index=False)
    copies = alike.map(alike.value_counts())
    return copies, answers.duplicated(keep="first")


def near_duplicates(
    packed: npt.NDArray[np.uint64], block: npt.NDArray[np.int64], most: int = NEIGHBOURS
) -> npt.NDArray[np.float64]:
    """Return the largest share of answers alike with another questionnaire of the same block.

    packed: questionnaires × words of PER_WORD answers, three bits each, 0 not answered. block:
    those of one interviewer or village; −1 is compared with nobody. The share is of the questions
    that either answered; 1 (a copy), fewer than FEWEST_ALIKE questions and NEARLY or less give 0.
    Every pair of a block of up to `most` is compared, in a larger one those that stand near each
    other in order of their answers: the work grows with the rows, not with their square.
    """
    order = np.lexsort((*packed.T, block))
    answers, blocks = packed[order], block[order]
    share = np.zeros(len(order))
    largest = int(np.bincount(blocks[blocks >= 0]).max(initial=0))
    for apart in range(1, min(largest - 1, most) + 1):
        here = np.flatnonzero((blocks[apart:] == blocks[:-apart]) & (blocks[apart:] >= 0))
        one, other = answers[here], answers[here + apart]
        asked, differ = _fields(one | other), _fields(one ^ other)
        alike = 1 - differ / np.maximum(asked, 1)
        alike[(asked < FEWEST_ALIKE) | (differ == 0) | (alike <= NEARLY)] = 0
        share[here] = np.maximum(share[here], alike)
        share[here + apart] = np.maximum(share[here + apart], alike)
    result = np.empty(len(order))
    result[order] = share
    return result


def _fields(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Count the answers of each row that are not 0."""
    one, two = np.uint64(1), np.uint64(2)
    held = (words | (words >> one) | (words >> two)) & _LOWEST_BITS
    return np.asarray(np.bitwise_count(held).sum(axis=1), dtype=np.int64)
