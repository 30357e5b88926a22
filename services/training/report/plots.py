"""The curves of one output as inline SVG: ROC, precision-recall, reliability."""

import io
from typing import Any

INK, ACCENT, MUTED = "#222222", "#1f5f99", "#b0b0b0"
STYLE: Any = {
    # Text stays text: small, searchable, and set in the page's own typeface.
    "svg.fonttype": "none",
    # Ids follow from the content, so that the same report is the same file.
    "svg.hashsalt": "densa",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
}
NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def draw_output(label: str, values: dict[str, Any]) -> str:
    """SVG of the curves that `values`, an output of a report, has; empty where it has none."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    if "roc" not in values:
        return ""
    with rc_context(STYLE):
        figure = Figure(figsize=(9.6, 3.1), layout="constrained")
        roc, precision_recall, reliability = figure.subplots(1, 3)
        _roc(roc, values)
        _precision_recall(precision_recall, values)
        _reliability(reliability, values["calibration"])
        for axes in (roc, precision_recall, reliability):
            axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata=NO_METADATA)
    svg = buffer.getvalue()
    # Only the element itself belongs into a page, and it needs a name for those who cannot see it.
    title = f'role="img" aria-label="ROC, precision-recall and reliability curves of {label}"'
    return svg[svg.index("<svg") :].replace("<svg", f"<svg {title}", 1)


def _roc(axes: Any, values: dict[str, Any]) -> None:
    curve = values["roc"]
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
    axes.plot(curve["false_positive_rate"], curve["sensitivity"], color=ACCENT)
    if values["specificity"] and values["sensitivity"]:
        at = (1 - values["specificity"]["value"], values["sensitivity"]["value"])
        axes.plot(*at, "o", color=INK, markersize=4)
    axes.set(title="ROC", xlabel="1 - specificity", ylabel="sensitivity")


def _precision_recall(axes: Any, values: dict[str, Any]) -> None:
    curve = values["precision_recall"]
    axes.axhline(values["positives"] / values["assessed"], color=MUTED, linewidth=0.8)
    axes.plot(curve["recall"], curve["precision"], color=ACCENT)
    axes.set(title="Precision and recall", xlabel="sensitivity (recall)", ylabel="PPV (precision)")


def _reliability(axes: Any, calibration: dict[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
    if calibration["before"] is not None:
        bins = calibration["before"]["bins"]
        axes.plot(
            bins["probability"], bins["frequency"], ".--", color=MUTED, label="before calibration"
        )
    bins = calibration["after"]["bins"]
    axes.vlines(bins["probability"], bins["low"], bins["high"], color=ACCENT, linewidth=0.8)
    axes.plot(bins["probability"], bins["frequency"], ".-", color=ACCENT, label="as served")
    axes.legend(frameon=False, fontsize=8, loc="upper left")
    axes.set(title="Reliability", xlabel="probability", ylabel="frequency of deposits")
