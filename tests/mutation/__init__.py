"""Planted bugs, and the run that shows that the suite catches each."""
