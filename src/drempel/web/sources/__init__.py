"""The pages of the booking systems that we listen to: environment, account, hook, poll."""
