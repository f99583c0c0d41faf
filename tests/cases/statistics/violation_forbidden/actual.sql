-- Declared absent, and there; another that the contract does not name.
create table t (a integer, b integer);
create statistics gone on a, b from t;
create statistics extra (mcv) on a, b from t;
