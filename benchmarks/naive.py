"""How one would mend the demo's broken system by hand: the seed document's statements, and their like for the rest."""

from __future__ import annotations

# Steps 2 to 4 of the document, in its words; the index and the rows' ids come with the column and the constraint.
PLAIN = (
    "alter table public.session_requests add column if not exists metadata jsonb not null default '{}'::jsonb",
    "create index session_requests_session_id_idx on public.session_requests ((metadata ->> 'session_id'))",
    "alter table public.session_requests drop constraint if exists session_requests_mechanic_id_fkey",
    """
    update public.session_requests r
    set mechanic_id = (select m.id from public.mechanics m where m.user_id = r.mechanic_id)
    where r.mechanic_id is not null and not exists (select from public.mechanics m where m.id = r.mechanic_id)""",
    """
    alter table public.session_requests add constraint session_requests_mechanic_id_fkey
    foreign key (mechanic_id) references public.mechanics (id) on delete set null""",
    'drop policy if exists "Mechanics can accept requests" on public.session_requests',
    """
    create policy "Allow service role full access" on public.session_requests
    for all to service_role using (true) with check (true)""",
    "grant insert, update, delete on public.session_requests to service_role",
    "alter publication supabase_realtime add table public.session_requests",
    "alter table public.sessions enable trigger trg_sessions_updated",
    "alter table public.sessions drop constraint sessions_status_check",
    """
    alter table public.sessions add constraint sessions_status_check
    check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled'))""",
    "alter table public.session_requests alter column notification_sent_at drop default",
    "alter table public.session_participants alter column display_name drop not null",
)

# The value that no code should ask for: the type made anew, in one transaction, with the policies that name it.
_POLICIES = (
    (
        "Customers can create own requests",
        "for insert to authenticated"
        " with check (customer_id = (select auth.uid()) and status = 'pending' and mechanic_id is null)",
    ),
    (
        "Customers can cancel own requests",
        "for update to authenticated using (customer_id = (select auth.uid()) and status = 'pending')"
        " with check (customer_id = (select auth.uid()) and status = 'cancelled')",
    ),
    (
        "Mechanics can view pending requests",
        "for select to authenticated using (status = 'pending' and mechanic_id is null"
        " and exists (select 1 from public.mechanics m where m.user_id = (select auth.uid())))",
    ),
)
SWAP = ";\n".join(
    (
        *(f'drop policy "{name}" on public.session_requests' for name, _ in _POLICIES),
        "alter table public.session_requests alter column status drop default",
        "alter type public.session_request_status rename to session_request_status_old",
        "create type public.session_request_status as enum ('pending', 'accepted', 'cancelled')",
        "alter table public.session_requests alter column status type public.session_request_status"
        " using status::text::public.session_request_status",
        "alter table public.session_requests alter column status set default 'pending'",
        *(f'create policy "{name}" on public.session_requests {rest}' for name, rest in _POLICIES),
        "drop type public.session_request_status_old",
    )
)
