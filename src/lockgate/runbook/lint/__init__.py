"""Rules over runbooks and Markdown plans: what would not do what it says; pure but for reading what is checked."""
