-- Comments that suppress nothing, say no reason, or name no rule.
create table public.mails (id bigint generated always as identity primary key, address text not null);
