"""The world beside the database: commands, addresses, files of a run; and what keeps secrets out of them."""
