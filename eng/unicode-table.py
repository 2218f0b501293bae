#!/usr/bin/env python3
"""Makes src/Phr.Crypto/Search/unicode-15.0.0.bin from the Unicode Character Database, and text.json of the search vectors.

    eng/unicode-table.py FOLDER        FOLDER has UnicodeData.txt, DerivedNormalizationProps.txt (Debian: package unicode-data)

The table, before compression, is a sequence of numbers in LEB128; a list begins with its count, and code points in it are differences.
1. foldings: code point, count, code points (absolute): NFD(NFKC_Casefold(c)) where that is not c itself; U+0345 stands for itself
2. combining classes: code point, class, where the class is not 0
3. word characters: first code point, count: general categories L*, M*, N*
Hangul syllables are in no list but the third: they decompose by arithmetic.

The vectors come from Python's own unicodedata and str.casefold, which know nothing of this table.
"""
import hashlib, json, os, random, sys, unicodedata, zlib

folder = sys.argv[1]
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def lines(name):
    with open(os.path.join(folder, name), encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                yield [part.strip() for part in line.split(";")]


def span(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


category, combining, canonical = {}, {}, {}
begin = None
for fields in lines("UnicodeData.txt"):
    c = int(fields[0], 16)
    if fields[1].endswith("First>"):
        begin = c
        continue
    for point in range(begin, c + 1) if begin is not None else [c]:
        category[point] = fields[2]
    begin = None
    if int(fields[3]):
        combining[c] = int(fields[3])
    if fields[5] and not fields[5].startswith("<"):
        canonical[c] = [int(part, 16) for part in fields[5].split()]

casefold = {}
for fields in lines("DerivedNormalizationProps.txt"):
    if len(fields) > 2 and fields[1] == "NFKC_CF":
        for point in span(fields[0]):
            casefold[point] = [int(part, 16) for part in fields[2].split()]


def is_hangul(c):
    return 0xAC00 <= c < 0xAC00 + 11172


def decompose(c):
    if c in canonical:
        return [d for part in canonical[c] for d in decompose(part)]
    if is_hangul(c):
        s = c - 0xAC00
        return [0x1100 + s // 588, 0x1161 + s % 588 // 28] + ([0x11A7 + s % 28] if s % 28 else [])
    return [c]


def order(points):
    result = list(points)
    for i in range(1, len(result)):
        j = i
        while j and combining.get(result[j], 0) and combining.get(result[j - 1], 0) > combining[result[j]]:
            result[j - 1], result[j] = result[j], result[j - 1]
            j -= 1
    return result


# U+0345 folds to a letter and must first be ordered as the mark that it is, so it is held back and folded last.
def fold(c):
    return order([e for d in decompose(c) for f in ([d] if d == 0x345 else casefold.get(d, [d])) for e in decompose(f)])


folds = {c: fold(c) for c in sorted(category.keys() | casefold.keys()) if not is_hangul(c) and fold(c) != [c]}
words = []
for c in sorted(c for c, cat in category.items() if cat[0] in "LMN"):
    if words and words[-1][0] + words[-1][1] == c:
        words[-1][1] += 1
    else:
        words.append([c, 1])

out = bytearray()


def number(n):
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)


last = 0
number(len(folds))
for c, points in folds.items():
    number(c - last)
    number(len(points))
    for point in points:
        number(point)
    last = c
last = 0
number(len(combining))
for c in sorted(combining):
    number(c - last)
    number(combining[c])
    last = c
last = 0
number(len(words))
for c, count in words:
    number(c - last)
    number(count)
    last = c
deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
packed = deflate.compress(bytes(out)) + deflate.flush()
with open(os.path.join(root, "src/Phr.Crypto/Search/unicode-15.0.0.bin"), "wb") as f:
    f.write(packed)
print(len(folds), "foldings,", len(combining), "combining,", len(words), "ranges of word characters;", len(out), "bytes,", len(packed), "packed,", hashlib.sha256(out).hexdigest())

# Vectors, by another route: Python's own data of an earlier Unicode version, for characters which that version has.
ignorable = {c for c, to in casefold.items() if not to}


def normal(text):
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold()).casefold())
    return unicodedata.normalize("NFD", "".join(c for c in folded if ord(c) not in ignorable))


def split(text):
    found, word = [], ""
    for c in normal(text) + " ":
        if unicodedata.category(c)[0] in "LMN":
            word += c
        else:
            if word and len(word.encode()) <= 256 and word not in found:
                found.append(word)
            word = ""
    return found


chosen = [
    ("nothing", ""), ("ascii", "Acute Myocardial INFARCTION"), ("punctuation", "COVID-19, influenza A/B; don't (yet) 12.5 mg"),
    ("sharp s", "Straße STRASSE STRAẞE"), ("final sigma", "ΟΔΥΣΣΕΥΣ Ὀδυσσεύς"), ("dotted and dotless i", "İstanbul istanbul ISTANBUL ıstanbul"),
    ("composed and decomposed", "Müdigkeit Mu\u0308digkeit"), ("ligature", "ﬁbrosis fibrosis"), ("full width", "ＨＩＶ hiv"),
    ("ångström sign", "\u212b \u00c5 A\u030a"), ("roman numeral", "Ⅳ iv"), ("half", "½ tablet"), ("superscript", "10⁹ 109"),
    ("soft hyphen", "throm\u00adbosis thrombosis"), ("zero width", "a\u200bb a\u200db"), ("hangul", "\ud55c\uae00 \u1112\u1161\u11ab\u1100\u1173\u11af"),
    ("compatibility ideograph", "\uf900 \u8c48"), ("kana", "ｶﾞ ガ が"), ("iota subscript", "\u1fb4 \u03b1\u0301\u0345 \u03b1\u0345\u0301 ΑΙ"),
    ("marks in another order", "a\u0301\u0323 a\u0323\u0301"), ("arabic", "السُّكَّري"), ("devanagari", "मधुमेह"), ("cyrillic", "ДИАБЕТ диабет"),
    ("astral", "\U0001d4d7\U0001d4f2\U0001d4e5 hiv"), ("deseret", "\U00010400 \U00010428"), ("emoji", "\U0001f489vaccine\U0001f489"),
    ("long and longest", "x" * 257 + " " + "y" * 256), ("repeated", "pain Pain PAIN"), ("cherokee", "ᎣᏏᏲ ꭳꮟᏺ"), ("armenian", "և եւ"),
    ("long s", "ſ s S"), ("kelvin", "\u212a k"), ("dz", "Ǆ ǅ ǆ dž"), ("tibetan", "\u0f77 \u0fb2\u0f71\u0f80"), ("no letters", "--- ... !"),
]
rng = random.Random(1500)
pool = [c for c in range(0x110000) if unicodedata.category(chr(c))[0] in "LMNPSZ" and not 0xD800 <= c < 0xE000]
special = [c for c in pool if c in folds or c in combining]
for i in range(400):
    chosen.append((f"random {i}", "".join(chr(rng.choice(special if rng.random() < 0.6 else pool)) for _ in range(rng.randint(1, 24)))))
cases = [{"name": n, "text": t, "normal": normal(t), "words": split(t)} for n, t in chosen]
about = "Normal form and words of texts: docs/search-format.md section 2. Made by eng/unicode-table.py with Python's unicodedata."
os.makedirs(os.path.join(root, "tests/vectors/search"), exist_ok=True)
with open(os.path.join(root, "tests/vectors/search/text.json"), "w") as f:
    json.dump({"about": about, "cases": cases}, f, indent=1, ensure_ascii=True)
    f.write("\n")
