create table public.notes (at timestamptz, booking bigint references public.bookings);
create trigger notes_touch before update on public.notes for each row execute function public.touch();
