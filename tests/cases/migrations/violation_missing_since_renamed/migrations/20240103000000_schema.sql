alter schema shop rename to store;
alter table store.lines set schema public;
