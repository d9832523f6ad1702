"""Monitors: values from outside, rules with their arithmetic, and a watch that stays armed while a run waits."""
