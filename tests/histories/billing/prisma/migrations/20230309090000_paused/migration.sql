-- AlterEnum
ALTER TYPE "SubscriptionStatus" ADD VALUE 'PAUSED';
-- AlterTable
ALTER TABLE "Subscription" ALTER COLUMN "status" SET DEFAULT 'PAUSED';
