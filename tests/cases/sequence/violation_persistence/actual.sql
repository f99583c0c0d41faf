-- Both ways; the table beside it says nothing of the sequence.
create unlogged sequence numbers;
create sequence others;
