-- PUBLIC covers a role that is named beside it, and its grant is missing all the same: whoever revokes EXECUTE from
-- PUBLIC takes it from the role.
create function covered() returns integer language sql as 'select 1';
create function of_owner() returns integer language sql as 'select 1';
revoke all on function of_owner from public;
alter function of_owner owner to case_owner;
