-- A domain that refuses null: whether the column says so, too, makes no difference.
create domain required as text not null;
create table t (said required, unsaid required not null, "both" required not null);
