"""What stands between a server and those who can reach it: keys, limits, and few words."""
