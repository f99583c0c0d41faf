CREATE INDEX "Subscription_past_due_idx" ON "Subscription"("organizationId") WHERE "status" = 'PAST_DUE';
