CREATE TABLE "Coupon" (
    "code" TEXT NOT NULL,
    "percent" SMALLINT NOT NULL,

    CONSTRAINT "Coupon_pkey" PRIMARY KEY ("code")
);
