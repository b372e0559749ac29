-- A corpus of :size addresses, articles, runs and so on, none of which is due.
-- Run 1 saw nearly all of it; run 2 saw the last 60 of a section and the last 30 of a sitemap, where nothing else stands.

INSERT INTO articles (source, key, url, dated_at, first_seen, fetched_at, revision, language, section, kind, authors,
    remarks, links, notes, title, text, layout, missing_since)
WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :size)
SELECT 'ppp', 'k' || n, 'https://ppp.test/k' || n, :day, :day, :day, 1, 'en', '', 'news', '[]',
    '[]', '[]', '[]', 'Title', 'Text', '', CASE WHEN n % 2 THEN :day END FROM counted;

INSERT INTO revisions (article_id, number, text_hash, content_hash, url, title, text, notes, fetched_at, layout)
SELECT id, 1, 't' || id, 'c' || id, url, title, text, notes, fetched_at, layout FROM articles;

INSERT INTO addresses (source, key, url, first_seen, visits, failures, next_visit, article_id)
SELECT source, key, url, :day, 1, 0, CASE WHEN id % 3 = 0 THEN '2099-01-01 00:00:00.000000' END,
    CASE WHEN id % 5 THEN id END FROM articles;

INSERT INTO aliases (address_id, url, seen_at) SELECT id, 'https://ppp.test/a' || id, :day FROM addresses;

INSERT INTO runs (source, "trigger", started_at, finished_at, status, error)
SELECT 'ppp', 'daemon', :day, :day, 'finished', '' FROM articles;

INSERT INTO sightings (address_id, listing, signature, seen_run, settled, source, listed)
SELECT id, 'https://ppp.test/national', '- - - -', 1 + (id > :size - 60), id % 7 > 0, source, 1 FROM addresses;

INSERT INTO sightings (address_id, listing, signature, seen_run, settled, source, listed)
SELECT id, 'https://ppp.test/sitemap', '- - - -', 1 + (id > :size - 30), 0, source, id > :size - 30 FROM addresses;

INSERT INTO incidents (source, host, reason, detail, opened_at, until, times, closed_at)
SELECT 'ppp', 'ppp.test', 'timeout', '', :day, :day, 1, :day FROM articles;

INSERT INTO listing_failures (source, url, failures, failed_at, next_try)
SELECT 'ppp', 'https://ppp.test/s' || id, 9, :day, CASE WHEN id % 2 THEN :day END FROM articles;

INSERT INTO listing_marks (source, listing, since, until, page, at)
SELECT 'ppp', 'https://ppp.test/s' || id, :day, :day, 1, :day FROM articles;

INSERT INTO validators (source, url, etag, last_modified, full_at, made_by)
SELECT source, url, '"1"', '', :day, '' FROM articles;

INSERT INTO robots (host, status, body, fetched_at, expires_at)
SELECT 'https://' || id || '.test', 200, x'00', :day, :day FROM articles;

INSERT INTO captures (file, offset, length, digest, at) SELECT 'a.warc.gz', id, 1, 'sha1:A', :day FROM articles;
