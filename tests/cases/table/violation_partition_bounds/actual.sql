-- Bounds that differ by one value, by the zone of a time, by the remainder; a default partition that should be none.
create table by_day (at timestamptz not null) partition by range (at);
create table by_day_2024 partition of by_day for values from ('2024-01-01 00:00:00+00') to ('2025-01-01 00:00:00+00');
create table by_day_2025 partition of by_day for values from ('2025-01-01 00:00:00+00') to ('2026-01-01 00:00:00+00');
create table by_day_rest partition of by_day default;
create table by_word (word text) partition by list (word);
create table by_word_a partition of by_word for values in ('a', 'b');
create table by_word_c partition of by_word for values in ('c', null);
create table by_hash (id integer) partition by hash (id);
create table by_hash_1 partition of by_hash for values with (modulus 3, remainder 1);
create table numbers (a integer, b integer) partition by range (a, b);
create table numbers_1 partition of numbers for values from (1, minvalue) to (5, maxvalue);
