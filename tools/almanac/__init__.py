"""Build the almanac's CSV files from the fact base, and account for every row of it."""
