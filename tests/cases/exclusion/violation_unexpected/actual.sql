-- One that the contract does not name, and one that is there under another name.
create table t (a integer, b integer, constraint extra exclude (a with =), constraint "Old name" exclude (b with =));
