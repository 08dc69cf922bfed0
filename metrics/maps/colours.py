"""The colours of maps: palettes of classes, inks of marks; the same on the screen and in files."""

from collections.abc import Mapping, Sequence

# ColorBrewer PuBu, light to dark: the order survives grey print and colour blindness.
# ColorBrewer Oranges for what is worse the more there is of it; bands from best to worst; nine
# fields after Stevens: reach grows to the right, satisfaction upwards.
PALETTES: Mapping[str, Sequence[str]] = {
    "blues": ("#f1eef6", "#bdc9e1", "#74a9cf", "#2b8cbe", "#045a8d"),
    "oranges": ("#feedde", "#fdbe85", "#fd8d3c", "#d95f0e", "#993404"),
    "bands": ("#045a8d", "#74a9cf", "#e6e1d6", "#f0a35e", "#993404"),
    "cross": (
        "#e8e8e8", "#ace4e4", "#5ac8c8", "#dfb0d6", "#a5add3", "#5698b9", "#be64ac", "#8c62aa",
        "#3b4994",
    ),
}  # fmt: skip
REACHED, OUTSIDE, UNKNOWN = "#1c5f9e", "#c65a11", "#7d7d7d"
OPERATING, IDLE = "#1f1e1c", "#6b6862"
LINE, CHOSEN = "#77736b", "#b4141e"
INKS: Mapping[str, str] = {
    "line": LINE, "chosen": CHOSEN, "reached": REACHED, "outside": OUTSIDE,
    "unknown": UNKNOWN, "operating": OPERATING, "idle": IDLE,
}  # fmt: skip


def shades(palette: str, count: int) -> list[str]:
    """Return the colours of so many classes, from the whole breadth of a palette."""
    held = PALETTES[palette]
    if count >= len(held):
        return list(held[:count])
    steps = max(count - 1, 1)
    return [held[round(n * (len(held) - 1) / steps)] for n in range(count)]
