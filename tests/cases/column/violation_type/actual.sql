-- Text where the enum should be, no time zone, another length, an array too few, another width, another scale.
create type session_type as enum ('chat');
create table t (a text not null default 'chat', b timestamp, c varchar(30), d text, e bigint, f numeric(10,3));
