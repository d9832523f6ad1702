"""What is wrong with hand-written statements, told from their text alone; pure."""
