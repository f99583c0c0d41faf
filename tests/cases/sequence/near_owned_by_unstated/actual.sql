-- The sequence has all that is stated; that a column owns it which does not take values from it, nobody said. The one
-- that fills its column is owned by it, as serial implies.
create table orders (id bigserial, number integer);
create sequence numbers owned by orders.number;
