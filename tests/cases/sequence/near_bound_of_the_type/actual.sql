-- An integer's highest value on a bigint sequence is no integer sequence: it stays one after its bound is lifted.
create sequence numbers as bigint maxvalue 2147483647;
create sequence others as integer;
