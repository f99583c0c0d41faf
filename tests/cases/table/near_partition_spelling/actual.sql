-- The same keys and bounds in other words: a list in another order, numbers in quotes, an offset from UTC.
create table by_day (at timestamptz not null) partition by range (at);
create table by_day_2024 partition of by_day for values from ('2024-01-01 00:00:00+00') to ('2025-01-01 00:00:00+00');
create table by_word (word varchar(20)) partition by list (word);
create table by_word_a partition of by_word for values in ('a', null, 'b');
create table by_number (n numeric, x integer) partition by range ((n + 1), x);
create table by_number_1 partition of by_number for values from (1, minvalue) to (10.50, 3);
create type mood as enum ('sad', 'ok');
create table by_mood (m mood) partition by list (m);
create table by_mood_sad partition of by_mood for values in ('sad');
create table by_hash (id uuid) partition by hash (id);
create table by_hash_1 partition of by_hash for values with (modulus 3, remainder 1);
create table unsaid (a integer) partition by list (a);
create table unsaid_1 partition of unsaid for values in (1);
