"""Approvals, waivers and reviews: records of named people, bound to a digest, counted by rules; nothing is run."""
