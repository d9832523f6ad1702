"""Who is changing what: work sessions and their claims, the roadmap, the changelog."""
