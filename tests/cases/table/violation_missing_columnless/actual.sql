-- A table that the contract states to have no columns is missing, and can be created all the same.
select;
