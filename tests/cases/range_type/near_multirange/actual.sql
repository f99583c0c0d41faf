-- The multirange type of a range is another type, and no range type; one of its own name is found by that.
create type floats as range (subtype = float8, multirange_type_name = many_floats);
