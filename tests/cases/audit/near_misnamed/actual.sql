-- Under another name and not right either: another order, another action. Those are missing and unexpected.
create table t (id integer, parent integer, a integer, b integer,
  constraint t_pkey primary key (id),
  constraint uq unique (b, a),
  constraint fk foreign key (parent) references t (id) on delete cascade);
