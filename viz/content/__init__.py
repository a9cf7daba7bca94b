"""The content of pictures: the plan of boxes, arrows, sums and formulas. Read `plan.py` first."""
