-- Every object of the first file has another name since, in two steps, and is there under its last one.
create schema shop;
create table shop.buys (id bigint constraint buys_pkey primary key, note text not null default 'x');
create index buys_memo on shop.buys (note);
create function public.sum_of(a integer) returns integer language sql as 'select a';
comment on table shop.buys is 'what was bought';
