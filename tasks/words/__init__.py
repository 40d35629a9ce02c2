"""What customers say: language, tone, themes, what is new, and typical quotes.

Pure: masked texts in, tables out. `Comments` is the one door: what is in it is masked, and everything here takes it.
"""
