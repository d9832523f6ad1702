"""Gates: all checks of a place are asked, and a truth table decides; unknown never opens."""
