"""`sessionaudit migrations`: what a call asks for, and what it does: it reports, prints SQL, or corrects the ledger."""
