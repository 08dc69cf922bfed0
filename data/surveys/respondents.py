"""What a file tells about the respondent: sex, age band, residence type, disability, weight."""

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

from data.contracts import CODES
from data.errors import DataError
from data.surveys.answer_labels import NOT_ANSWERED, without_option

# What a question must ask for before its labels are taken for an attribute of the respondent.
ATTRIBUTES = {
    "sex": "性别|男女",
    "age_band": "年龄|岁",
    "residence_type": "户籍|户口|居住|本地",
    "has_disability": "残疾人?证|残疾人吗|是否残疾",
}
# What a column of survey weights is called, without blanks, in lower case.
_WEIGHTS = frozenset({
    "weight", "weights", "权重", "权数", "权值", "加权", "加权系数", "加权权重", "权重系数",
    "抽样权重", "抽样权数", "样本权重", "样本权数", "调查权重", "调查权数", "最终权重", "最终权数",
})  # fmt: skip
_AGE, _OLDEST = re.compile(r"(\d{2,3})(?:周?岁)?"), 120
_OF_OTHERS = re.compile(r"配偶|孩子|子女|户主|父母|家人|老人|干部|书记|主任")


def weight_column(header: Sequence[str]) -> int | None:
    """Return the column that holds the weights of the respondents, by what it is called.

    Raises DataError `weights_several` where more than one is called so.
    """
    found = [n for n, text in enumerate(header) if _bare(text) in _WEIGHTS]
    if len(found) > 1:
        raise DataError("weights_several", columns="、".join(header[n].strip() for n in found))
    return found[0] if found else None


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text).split("(")[0]).lower()


def attribute_of(text: str, values: pd.Series) -> tuple[str, dict[str, str]] | None:
    """Find the attribute of the respondent that a question asks for and its code list explains.

    A question about somebody else's (配偶的年龄) is none, nor one whose wording was lost.
    """
    labels = [value for value in values.unique() if value not in NOT_ANSWERED]
    if not labels or _OF_OTHERS.search(text):
        return None
    for name, asked in ATTRIBUTES.items():
        codes = _codes_of(name, labels)
        if re.search(asked, text) and all(_plain(label) in codes for label in labels):
            return name, {label: codes[_plain(label)] for label in labels}
    return None


def codes_seen(attribute: str, values: pd.Series) -> dict[str, str]:
    """Take labels that the code list does not know as they are: the check names their records."""
    labels = [value for value in values.unique() if value not in NOT_ANSWERED]
    codes = _codes_of(attribute, labels)
    return {label: codes.get(_plain(label), label) for label in labels}


def _codes_of(attribute: str, labels: Sequence[str]) -> dict[str, str]:
    if attribute == "has_disability":
        return {"是": "true", "有": "true", "否": "false", "没有": "false"}
    codes = {_plain(code.label.zh): code.value for code in CODES[attribute]}
    codes |= {_plain(code.value): code.value for code in CODES[attribute]}
    return codes | _bands(labels) if attribute == "age_band" else codes


def _bands(labels: Sequence[str]) -> dict[str, str]:
    """Return the band of each age in years: 45 and 45岁, but not 3, which numbers an option."""
    found = {}
    for label in map(_plain, labels):
        age = int(match[1]) if (match := _AGE.fullmatch(label)) else -1
        for band in (code.value for code in CODES["age_band"]):
            low, _, high = band.removesuffix("+").partition("-")
            if int(low) <= age <= int(high or _OLDEST):
                found[label] = band
    return found


def _plain(label: str) -> str:
    """Bring 18—29岁, A.18-29 and 60岁及以上, 60+ to one form."""
    label = without_option(label)
    short = re.sub(r"[—–－~～至]+", "-", unicodedata.normalize("NFKC", label).strip().lower())
    return re.sub(r"(周?岁)?(及)?以上$", "+", re.sub(r"周?岁(?=-|$)", "", short))
