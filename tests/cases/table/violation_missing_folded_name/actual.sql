-- Quoted in the contract, folded in the database.
create table Sessions (id integer);
