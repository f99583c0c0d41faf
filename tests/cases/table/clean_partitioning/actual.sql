-- Every strategy, with expressions, collations and operator classes; every sort of bounds; names that need quotes.
create table by_day (at timestamptz not null, n integer) partition by range (at);
create table by_day_2024 partition of by_day for values from ('2024-01-01 00:00:00+00') to ('2025-01-01 00:00:00+00');
create table by_day_rest partition of by_day default;
create table by_word (word text, n integer) partition by list (lower(word) collate "C" text_pattern_ops);
create table by_word_a partition of by_word for values in ('a', null, 'it''s; "odd"');
create table by_hash (id bigint, n integer) partition by hash (id, n);
create table by_hash_0 partition of by_hash for values with (modulus 4, remainder 0);
create table wide (a integer, b date) partition by range (a, (b + 1));
create table wide_1 partition of wide for values from (minvalue, minvalue) to (-5, '2024-02-03');
create table wide_2 partition of wide for values from (-5, '2024-02-03') to (7, maxvalue) partition by list (a);
create schema other;
create table other."Odd; ""Part""" partition of wide_2 for values in (0, -1);
create table "Odd, Parent" ("Odd, Column" boolean) partition by list ("Odd, Column");
create table yes partition of "Odd, Parent" for values in (true);
