"""Signing in, and what only who is signed in may do: guard, sessions in cookies, the pages of people and of the trail."""
