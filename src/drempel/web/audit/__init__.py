"""What an audit found, on the page of what needs a person: orphans, each with what can be done about it."""
