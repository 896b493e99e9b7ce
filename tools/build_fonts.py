"""Build the two small Chinese fonts in csi/plots/fonts from Noto CJK (SIL Open Font License 1.1).

Run once, by hand, whenever the set of characters changes; the result is committed::

    apt-get download fonts-noto-cjk && dpkg-deb -x fonts-noto-cjk_*.deb noto
    pip install fonttools
    python tools/build_fonts.py noto/usr/share/fonts/opentype/noto csi/plots/fonts

The Debian package fonts-noto-cjk 20220127 holds Noto Sans CJK 2.004 and Noto Serif CJK 2.001 as collections; the
face "SC" is taken. Both outputs hold the simplified characters in daily use (GB 2312 level 1), the traditional ones
(Big5 level 1), kana, Latin, Greek and punctuation; the sans serif holds the rarer simplified characters (GB 2312
level 2) too, which figures set in the serif borrow from it, so that each file stays near two megabytes. They have
names of their own ("CSI Sans SC", "CSI Serif SC") and can never stand in for an installed Noto font.

Two changes make the fonts fit for figures in both languages. Quotation marks get their proportional forms (an
English apostrophe must not be as wide as a Chinese character). Signs that only exist full-width in Noto CJK
(plus-minus, times, the middle dot) are left out: matplotlib takes them, glyph by glyph, from DejaVu Sans.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

SANS, SERIF = "NotoSansCJK-Regular.ttc", "NotoSerifCJK-Regular.ttc"
OUTPUTS = {
    SANS: ("CSI Sans SC", "CSISansSC-Regular.otf"),
    SERIF: ("CSI Serif SC", "CSISerifSC-Regular.otf"),
}
#: Two-byte codes: kana and the simplified characters in daily use, the rarer ones, the traditional in daily use.
TRAILS = ((0xA1, 0xFE),)
KANA = ((0xA4, 0xA5), TRAILS, "gb2312")
GB2312_LEVEL_1 = ((0xB0, 0xD7), TRAILS, "gb2312")
GB2312_LEVEL_2 = ((0xD8, 0xF7), TRAILS, "gb2312")
BIG5_LEVEL_1 = ((0xA4, 0xC6), ((0x40, 0x7E), *TRAILS), "big5")
#: ASCII, Latin-1, Greek, general and Chinese punctuation, full-width forms.
RANGES = (
    (0x20, 0x7E),
    (0xA0, 0xFF),
    (0x391, 0x3C9),
    (0x2010, 0x2026),
    (0x3000, 0x3017),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE5),
)
EXTRA = "⁰¹²³⁴⁵⁶⁷⁸⁹−√①②③④⑤⑥⑦⑧⑨⑩№囧"
#: Signs that are as wide as a Chinese character in Noto CJK, and should not be.
WIDE = "§±¶·×÷‖•‥√"
QUOTES = "‘’“”"


def encoded(leads: tuple[int, int], trails: tuple[tuple[int, int], ...], codec: str) -> set[str]:
    """Return the characters that a range of two-byte codes stands for."""
    found = set()
    for lead in range(leads[0], leads[1] + 1):
        for low, high in trails:
            for trail in range(low, high + 1):
                try:
                    found.add(bytes([lead, trail]).decode(codec))
                except UnicodeDecodeError:
                    continue
    return {character for character in found if len(character) == 1}


def wanted(source: str) -> set[int]:
    """Return the code points of a font."""
    characters = {chr(code) for low, high in RANGES for code in range(low, high + 1)} | set(EXTRA)
    characters |= encoded(*KANA) | encoded(*GB2312_LEVEL_1) | encoded(*BIG5_LEVEL_1)
    if source == SANS:
        characters |= encoded(*GB2312_LEVEL_2)
    return {ord(character) for character in characters - set(WIDE)}


def simplified_chinese(path: Path) -> TTFont:
    """Return the SC face of a collection."""
    for font in TTCollection(path).fonts:
        if font["name"].getDebugName(1).endswith("CJK SC"):
            return font
    raise SystemExit(f"{path} has no face for simplified Chinese")


def substitutions(font: TTFont, feature: str) -> dict[str, str]:
    """Return the one-to-one glyph substitutions of an OpenType feature."""
    table = font["GSUB"].table
    found: dict[str, str] = {}
    for record in table.FeatureList.FeatureRecord:
        for number in record.Feature.LookupListIndex if record.FeatureTag == feature else ():
            for subtable in table.LookupList.Lookup[number].SubTable:
                found.update(getattr(getattr(subtable, "ExtSubTable", subtable), "mapping", {}))
    return found


def narrow(font: TTFont) -> None:
    """Give quotation marks their proportional forms."""
    proportional = substitutions(font, "pwid")
    for table in font["cmap"].tables:
        for code, glyph in list(getattr(table, "cmap", {}).items()):
            if chr(code) in QUOTES:
                table.cmap[code] = proportional.get(glyph, glyph)


def rename(font: TTFont, family: str) -> None:
    """Call the font by a name of its own in every record; copyright and licence stay."""
    plain = family.replace(" ", "")
    said = {1: family, 2: "Regular", 3: f"{plain}-Regular", 4: family, 6: f"{plain}-Regular"}
    names = font["name"]
    names.names = [r for r in names.names if r.nameID in (0, 13, 14) and r.platformID == 3 and r.langID == 0x409]
    for number, text in said.items():
        names.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [f"{plain}-Regular"]
    for field, text in (("FullName", family), ("FamilyName", family)):
        setattr(top.topDictIndex[0], field, text)


def build(source: Path, family: str, target: Path) -> None:
    """Subset, narrow, rename and write one font."""
    font = simplified_chinese(source)
    narrow(font)
    options = Options(
        layout_features=["kern"], name_IDs=["*"], notdef_outline=True, hinting=False, drop_tables=["vhea"]
    )
    options.drop_tables += ["vmtx", "VORG", "BASE", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted(source.name))
    subsetter.subset(font)
    rename(font, family)
    # The date of the source is kept: the same source gives the same bytes.
    font.recalcTimestamp = False
    font.save(target)
    missing = "".join(chr(code) for code in sorted(wanted(source.name) - set(font.getBestCmap())))
    sys.stdout.write(f"{target}: {target.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters\n")
    sys.stdout.write(f"  not in Noto: {missing}\n")


def main(folder: str, out: str) -> None:
    """Build both fonts from a folder with the two collections."""
    for source, (family, target) in OUTPUTS.items():
        build(Path(folder) / source, family, Path(out) / target)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
