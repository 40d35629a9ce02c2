"""What is read from customers' words, on real ones: better than a word list and than saying the commonest."""

import polars as pl

from benchmarks.quality.words_data import TONES, health_service
from benchmarks.quality.words_scores import macro_f1, spoken_accuracy
from tasks.words.language import with_languages
from tasks.words.lexicon import lexicon_tones
from tasks.words.tone import tones
from tasks.words.tone_learning import learned_tone
from tests.acceptance.examples import REAL_DATA, has_real_data

if has_real_data() and REAL_DATA is not None:
    DATA = REAL_DATA

    def test_tone_learned_from_scores_is_nearer_to_people_than_a_word_list() -> None:
        both = health_service(DATA)
        held_out = both.half(is_held_out=True)
        learned = learned_tone(with_languages(both.half(is_held_out=False).comments, ["en"]))
        said = tones(with_languages(held_out.comments, ["en"]), learned)
        rows = held_out.labels.select("text_id", true="tone").drop_nulls().join(said, on="text_id").sort("text_id")
        texts = rows.select("text_id").join(held_out.comments.frame, on="text_id", maintain_order="left")["text"]
        listed = rows.with_columns(tone=pl.Series(lexicon_tones(texts.to_list())))
        ours, plain = (part["tone"].to_numpy().astype(str) for part in (rows, listed))
        true = rows["true"].to_numpy().astype(str)
        assert macro_f1(TONES)(true, ours) > macro_f1(TONES)(true, plain) + 0.03
        assert spoken_accuracy(true, ours) > 0.8
