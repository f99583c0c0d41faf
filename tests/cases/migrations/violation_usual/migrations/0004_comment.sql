/* Runs every ten minutes:
   */10 * * * *  */
create table public.b (id bigint primary key, note text);
