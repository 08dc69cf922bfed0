"""What fictional residents answer to the open question, in made-up words."""

import numpy as np
import pandas as pd

from data.sample.draws import Bools, Rng, Strings, pick, words
from data.sample.frames import frame

QUESTION = "R25"
_WRITE = 0.45
# Share of the countryside's and of the town's comments -> ways of saying it.
_SUBJECTS: tuple[tuple[float, float, tuple[str, ...]], ...] = (
    (0.16, 0.05, ("晚上没有路灯，走路不安全", "村道上多装几盏路灯", "路灯坏了很久没人修")),
    (0.14, 0.04, ("村里的路坑坑洼洼，下雨难走", "希望把进村的道路修好", "道路太窄，会车困难")),
    (0.13, 0.04, ("看病不方便，卫生室常关门", "卫生室药品不全", "老人看病要跑到县城")),
    (0.10, 0.03, ("公交车一天只有两班", "公交班次太少，赶集不方便")),
    (0.10, 0.10, ("垃圾清运不及时，夏天味道大", "垃圾分类要多宣传")),
    (0.08, 0.10, ("老人没有地方吃饭", "办个老年食堂，独居老人方便些")),
    (0.04, 0.18, ("小区停车难，车位不够", "停车难，占用消防通道")),
    (0.02, 0.14, ("物业服务差，收费不透明", "物业报修没人管")),
    (0.07, 0.10, ("办事还要跑好几趟", "办事流程看不懂，材料要得多")),
    (0.06, 0.10, ("反映的问题没有回音", "提了意见没人答复")),
    (0.10, 0.12, ("没有意见", "都好")),
)  # fmt: skip
_SHARES = [(country, town) for country, town, _ in _SUBJECTS]


def comments(rng: Rng, city: Bools, survey: str, keys: Strings) -> pd.DataFrame:
    """Return comments of about half the respondents; city: who lives in a sub-district."""
    write = rng.random(len(keys)) < _WRITE
    drawn = words([""] * len(keys))
    for place, here in ((0, ~city), (1, city)):
        shares = {str(n): float(one[place]) for n, one in enumerate(_SHARES)}
        subject = pick(rng, shares, int(here.sum())).astype(int)
        turn = rng.integers(0, 6, len(subject))
        drawn[here] = [
            _SUBJECTS[n][2][way % len(_SUBJECTS[n][2])]
            for n, way in zip(subject.tolist(), turn.tolist(), strict=True)
        ]
    return frame(
        "survey_comments",
        survey_id=survey,
        respondent_id=keys[write],
        question_id=QUESTION,
        comment=np.asarray(drawn[write], dtype=object),
    )
