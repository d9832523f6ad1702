"""The demonstration: an ERP of 145 tables, an older live copy of it with rows, and the whole loop run on them."""
