"""Which of several models the data prefer."""
