CREATE TYPE "Interval" AS ENUM ('MONTH', 'YEAR');

CREATE TABLE "Plan" (
    "id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "interval" "Interval" NOT NULL,
    "price" INTEGER NOT NULL,

    CONSTRAINT "Plan_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "Plan_code_interval_key" ON "Plan"("code", "interval");
