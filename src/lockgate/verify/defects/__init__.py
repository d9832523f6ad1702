"""Find what is wrong with a schema and its rows, whatever was declared: one rule a defect; reads only."""
