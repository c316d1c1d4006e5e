"""An evening in a real city with invented people, played through the public edges only."""
