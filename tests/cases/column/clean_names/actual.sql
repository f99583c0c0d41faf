-- A column's name is taken as it stands; what is put on a stand-in of the table must survive it too.
create table "Weird; Table" ("Mixed Case" integer not null default 1, quoted text default '50%', "a.b" text,
  "select" text, "100%" text default 'it''s', "say ""hi""" text);
