alter table auth.users add column note text;
