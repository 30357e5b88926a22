"""Cohen's kappa: how far two raters agree beyond what chance would give."""

from collections.abc import Mapping


def kappa(table: Mapping[str, int]) -> float | None:
    """Kappa of a table of counts by the two raters' letters, as in {"pp": 5, "pn": 1, "nn": 9}.

    None where chance alone makes both agree always (all in one and the same category), or
    where nothing was rated. Cohen, Educ Psychol Meas 1960;20:37-46.
    """
    total = sum(table.values())
    if not total:
        return None
    observed = sum(n for calls, n in table.items() if calls[0] == calls[1]) / total
    by_chance = sum(
        _share(table, 0, category, total) * _share(table, 1, category, total)
        for category in {letter for calls in table for letter in calls}
    )
    return None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)


def _share(table: Mapping[str, int], rater: int, category: str, total: int) -> float:
    return sum(n for calls, n in table.items() if calls[rater] == category) / total
