-- A partition has copies of the triggers of the whole.
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create table days (day date primary key);
create table parted (day date) partition by list (day);
create table parted_1 partition of parted default;
create trigger touch after insert on parted for each row execute function touch();
create constraint trigger later after insert on parted deferrable for each row execute function touch();
