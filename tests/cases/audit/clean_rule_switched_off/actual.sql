-- A rule that is switched off says nothing, not even among what is waived.
create table t (id integer, extra text, required text not null);
