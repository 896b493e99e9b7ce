"""Search in English and Chinese: English words by their stems, Chinese by pairs of neighbouring characters.

No dictionary is needed: what is asked is cut into pairs in the browser as the pages are when they are indexed.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

HAN = "\u3400-\u9fff"
WORD = re.compile(rf"[{HAN}]+|[^\W{HAN}]+")

SPLITTER = """
function splitQuery(query) {
  const words = query.match(/[\\u3400-\\u9fff]+|[^\\s\\u3400-\\u9fff\\p{P}]+/gu) || [];
  return words.flatMap((word) =>
    /^[\\u3400-\\u9fff]{2,}$/.test(word)
      ? Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))
      : [word]
  );
}
"""


class SearchBilingual(SearchEnglish):
    lang = "bilingual"
    # Its stemmer in the browser is found by this name.
    language_name = "English"
    js_splitter_code = SPLITTER

    def split(self, input: str) -> list[str]:
        found: list[str] = []
        for word in WORD.findall(input):
            chinese = "\u3400" <= word[0] <= "\u9fff"
            found += [word[i : i + 2] for i in range(len(word) - 1)] if chinese and len(word) > 1 else [word]
        return found

    def word_filter(self, word: str) -> bool:
        return "\u3400" <= word[0] <= "\u9fff" or super().word_filter(word)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_search_language(SearchBilingual)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
