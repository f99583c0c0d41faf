DROP TABLE "LegacyAccount";
