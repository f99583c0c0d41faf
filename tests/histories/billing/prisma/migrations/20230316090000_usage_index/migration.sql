CREATE INDEX CONCURRENTLY "UsageRecord_subscriptionId_at_idx" ON "UsageRecord"("subscriptionId", "at");
