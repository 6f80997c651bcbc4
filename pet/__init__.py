"""PET: from the scanner's counts to quantities of lesions and reference regions (metabolic rule book 3)."""
