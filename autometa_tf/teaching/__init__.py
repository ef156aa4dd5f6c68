"""A learner -> a page where one teaches it, in any browser."""
