-- A schema and a type of the extension's name are not the extension.
create schema citext;
create domain citext as text;
