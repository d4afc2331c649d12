"""The pages for people: what Drempel is doing, why, and the levers. They stand behind the guard of `web/sign_in`."""
