-- One row per item of one survey and five-point question in it: an item is a question, an index
-- (S1…) or pair:<block>; pooled says that it has several questions. Both are numbered in order.
-- Answers are packed fifteen questions to a page (survey_packed.sql); paged: that item's questions
-- stand on several pages.
WITH named AS (
    SELECT question_id, unnest(list_filter(
               [question_id, index_code, 'pair:' || pair_dim], lambda i: i IS NOT NULL)) AS item
    FROM survey_questions
    WHERE survey_id = $survey_id AND answer_type = 'sat5'
),
numbered AS (
    SELECT item, question_id, count(*) OVER (PARTITION BY item) > 1 AS pooled,
           dense_rank() OVER (ORDER BY item)::SMALLINT AS item_number,
           dense_rank() OVER (ORDER BY question_id)::SMALLINT AS question
    FROM named
)
SELECT *, (question - 1) // 15 AS page, (question - 1) % 15 AS position,
       min(page) OVER (PARTITION BY item) <> max(page) OVER (PARTITION BY item) AS paged
FROM numbered
