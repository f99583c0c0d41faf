-- The type is missing, so the columns have another one: that is drift, and no fault of the contract.
create table t (s text, u text[]);
