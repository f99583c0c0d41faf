-- Made without quotes, so folded: the contract's column does not exist, and another one does.
create table t (UserId uuid);
