create trigger subs_touch before update on public.subs for each row execute function public.touch();
