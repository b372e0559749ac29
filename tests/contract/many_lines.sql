-- What is known of the lines of that corpus, how its texts came out, and when its pages were away.

INSERT INTO absences (article_id, missing_since, last_missing, visits, reason, detail, gone_since, returned_at, gone_turn,
    return_turn)
SELECT id, :day, :day, 3, 'gone', '', :day, CASE WHEN id % 2 = 0 THEN :day END, id * 2 - 1,
    CASE WHEN id % 2 = 0 THEN id * 2 END FROM articles;

INSERT INTO headlines (source, digest, key, is_teaser) SELECT source, id * 4000000000000, key, id % 2 FROM articles;

INSERT INTO lines (source, digest, pages, first_turn, last_turn, last_at)
SELECT source, id * 4000000000000, 1, id, id, :day FROM articles;

INSERT INTO turns (source, turn) SELECT 'ppp', max(id) FROM articles;

INSERT INTO meters (run_id, source, texts, counts, missed) SELECT id, source, 1, '{}', '{}' FROM runs WHERE id != 3;

INSERT INTO outcomes (run_id, url, what, reason, detail, article_id, at)
SELECT id, url, 'saved', '', '', id, :day FROM articles;

INSERT INTO alarms (source, what, detail, opened_at, times, run_id, closed_at)
SELECT source, 'undated', '', :day, 1, 1, :day FROM articles;
