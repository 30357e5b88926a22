"""Agreement between readers and the model: Cohen's kappa, for each output."""

from collections.abc import Iterable
from typing import Any

from services.client.results import OUTPUTS


def agreement(images: Iterable[dict[str, Any]]) -> dict[str, dict[str, float | int | None]]:
    """For each output: pairs of calls, their kappa (None where it is not defined), how many agree.

    A pair is a reader's yes or no and the model's; where the model abstained, there is none.
    """
    pairs: dict[str, list[tuple[int, int]]] = {str(output): [] for output in OUTPUTS}
    for image in images:
        answers = (image["result"] or {}).get("outputs", {})
        for read in image["reads"]:
            for output, said in read["calls"].items():
                call = answers.get(output, {}).get("call")
                if said is not None and call in ("positive", "negative"):
                    pairs[output].append((said, int(call == "positive")))
    return {
        output: {"n": len(found), "agree": sum(a == b for a, b in found), "kappa": kappa(found)}
        for output, found in pairs.items()
    }


def kappa(pairs: list[tuple[int, int]]) -> float | None:
    """Cohen's kappa (Educ Psychol Meas 1960); None without pairs, or where chance explains all."""
    if not pairs:
        return None
    observed = sum(a == b for a, b in pairs) / len(pairs)
    first, second = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
    chance = first * second + (1 - first) * (1 - second)
    return None if chance == 1 else (observed - chance) / (1 - chance)
