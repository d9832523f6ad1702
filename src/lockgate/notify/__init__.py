"""Messages to people: sent once, their delivery recorded; a channel that fails blocks nothing by itself."""
