CREATE TABLE "DunningRule" (
    "id" TEXT NOT NULL,
    "days" INTEGER NOT NULL,

    CONSTRAINT "DunningRule_pkey" PRIMARY KEY ("id")
);
