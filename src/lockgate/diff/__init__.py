"""What differs between two schemas; pure."""
