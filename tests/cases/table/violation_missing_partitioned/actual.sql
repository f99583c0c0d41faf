-- Nothing is there of a partitioned table and its partitions, one of which is partitioned itself.
create schema other;
