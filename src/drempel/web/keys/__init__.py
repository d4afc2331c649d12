"""Keys for REST, by pages. They do what `drempel api-key` does."""
