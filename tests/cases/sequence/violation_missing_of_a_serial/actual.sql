-- The sequence that comes with the serial column has the usual options: it is not created twice, but altered.
create schema shop;
