create function index_advisor(query text) returns table (
  startup_cost_before jsonb, startup_cost_after jsonb, total_cost_before jsonb, total_cost_after jsonb,
  index_statements text[], errors text[]
) language sql volatile as $$
  select null::jsonb, null::jsonb, null::jsonb, null::jsonb, null::text[], null::text[] where false
$$;
