-- A function in C has a file and a symbol for its body.
create function handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
