"""Scoretable: a Kaggle image-classification pipeline in which every row of the score table can be rerun."""
