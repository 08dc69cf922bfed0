"""What a question tells about the respondent: sex, age band, residence type, disability."""

import re
import unicodedata

import pandas as pd

from data.contracts import CODES
from data.surveys.answer_labels import NOT_ANSWERED, without_option

# What a question must ask for before its labels are taken for an attribute of the respondent.
ATTRIBUTES = {
    "sex": "性别|男女",
    "age_band": "年龄|岁",
    "residence_type": "户籍|户口|居住|本地",
    "has_disability": "残疾人?证|残疾人吗|是否残疾",
}
_OF_OTHERS = re.compile(r"配偶|孩子|子女|户主|父母|家人|老人|干部|书记|主任")


def attribute_of(text: str, values: pd.Series) -> tuple[str, dict[str, str]] | None:
    """Find the attribute of the respondent that a question asks for and its code list explains.

    A question about somebody else's (配偶的年龄) is none, nor one whose wording was lost.
    """
    labels = [value for value in values.unique() if value not in NOT_ANSWERED]
    if not labels or _OF_OTHERS.search(text):
        return None
    for name, asked in ATTRIBUTES.items():
        codes = _codes_of(name)
        if re.search(asked, text) and all(_plain(label) in codes for label in labels):
            return name, {label: codes[_plain(label)] for label in labels}
    return None


def codes_seen(attribute: str, values: pd.Series) -> dict[str, str]:
    """Take labels that the code list does not know as they are: the check names their records."""
    codes = _codes_of(attribute)
    return {v: codes.get(_plain(v), v) for v in values.unique() if v not in NOT_ANSWERED}


def _codes_of(attribute: str) -> dict[str, str]:
    if attribute == "has_disability":
        return {"是": "true", "有": "true", "否": "false", "没有": "false"}
    codes = {_plain(code.label.zh): code.value for code in CODES[attribute]}
    return codes | {_plain(code.value): code.value for code in CODES[attribute]}


def _plain(label: str) -> str:
    """Bring 18—29岁, A.18-29 and 60岁及以上, 60+ to one form."""
    label = without_option(label)
    short = re.sub(r"[—–－~～至]+", "-", unicodedata.normalize("NFKC", label).strip().lower())
    return re.sub(r"(周?岁)?(及)?以上$", "+", re.sub(r"周?岁(?=-|$)", "", short))
