"""Reports of runs of runbooks: facts folded from the journal, and every form they are shown in."""
