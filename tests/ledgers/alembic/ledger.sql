-- What Alembic 1.20.1 (`alembic upgrade bbbbbbbbbbbb`, then 000000000000) makes of the migrations: two heads.
create table alembic_version (version_num character varying(32) not null, constraint alembic_version_pkc primary key (version_num));
insert into alembic_version values ('bbbbbbbbbbbb'), ('000000000000');
