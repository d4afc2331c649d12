"""The pages on which integrations are set up, tested and repaired. They change what `drempel apply` changes, by the same rules."""
