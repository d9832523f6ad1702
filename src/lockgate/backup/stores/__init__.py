"""Further places for published backups: a second folder, S3 and its like, Google Cloud Storage, Azure."""
