-- CreateIndex
CREATE INDEX CONCURRENTLY "b_id" ON "b" ("id");
