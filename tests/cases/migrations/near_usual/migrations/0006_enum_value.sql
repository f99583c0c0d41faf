alter type public.state add value 'done';
