-- RESTRICT is not NO ACTION: it is looked at before the end of the statement.
create table b (id integer primary key);
create table a (b integer,
  constraint no_cascade foreign key (b) references b,
  constraint cascade_unasked foreign key (b) references b on delete cascade,
  constraint on_the_other_event foreign key (b) references b on delete cascade,
  constraint restrict_ foreign key (b) references b on delete restrict);
