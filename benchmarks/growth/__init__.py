"""How the scoring grows, beside other ways to do the same maths."""
