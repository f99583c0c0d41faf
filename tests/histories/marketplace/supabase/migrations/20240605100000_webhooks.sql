create table public.webhooks (id bigint generated always as identity primary key, url text not null);
create table public.webhook_calls (
  id bigint generated always as identity primary key,
  webhook_id bigint not null references public.webhooks (id),
  status smallint
);
