-- +goose NO TRANSACTION
-- +goose Up
create index concurrently a_id on a (id);
-- +goose Down
drop index a_id;
