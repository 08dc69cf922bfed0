-- One row per five-point question, class and answer of one survey: how many people gave it.
SELECT question, class, value, count(*)::INTEGER AS n
FROM temp.survey_scored
GROUP BY ALL
