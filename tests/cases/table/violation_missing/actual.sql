-- Reported once: nothing below it, and not its namesake.
create schema other;
create table other.sessions (id uuid);
