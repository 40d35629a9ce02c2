"""What customers tell us: answers, words, reviews."""
