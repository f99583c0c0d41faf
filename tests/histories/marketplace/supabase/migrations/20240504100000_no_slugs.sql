drop function public.slug;
