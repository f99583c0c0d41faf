CREATE TABLE "TaxRate" (
    "country" CHAR(2) NOT NULL,
    "rate" DECIMAL(5,2) NOT NULL,
    "inclusive" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "TaxRate_pkey" PRIMARY KEY ("country")
);
