"""How probabilities look in a table, wherever `densa` shows one. It fits into 80 columns."""

from rich.table import Table
from rich.text import Text

from services.client.results import Assessment, Classification, Location

# As wide as the longest cell, "0.93 +*".
_HEADINGS = {
    Location.MESANGIAL: "mesang.",
    Location.SUBEPITHELIAL: "subepi.",
    Location.INTRAMEMBRANOUS: "intram.",
    Location.SUBENDOTHELIAL: "subend.",
}

LEGEND = (
    "Probabilities that there is a deposit, and that there is one in this location: mesangial, "
    "subepithelial, intramembranous, subendothelial. + : the model's call is positive; "
    "? : too near the threshold, it makes none."
)


def result_table(title: str, name: str) -> Table:
    """An empty table of named micrographs, with a column for each output of the model."""
    table = Table(
        title=title or None,
        title_justify="left",
        box=None,  # lines between columns would take the room of one
        header_style="bold underline",
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    table.add_column(name, overflow="fold")
    for heading in ("deposit", *_HEADINGS.values()):
        table.add_column(heading, no_wrap=True)
    return table


def output_cells(answer: Classification, drawn: frozenset[str] | None = None) -> list[Text]:
    """The cells of these columns. Where the truth is known, a star marks what is there."""
    marks = drawn or frozenset()
    return [
        _probability(answer.presence, known=drawn is not None, there=bool(marks)),
        *(
            _probability(
                answer.locations.get(location), known=drawn is not None, there=location in marks
            )
            for location in Location
        ),
    ]


def _probability(assessment: Assessment | None, *, known: bool, there: bool) -> Text:
    """One output's cell; empty where the service did not send the output."""
    if assessment is None:
        return Text("")
    # Marks, not colour alone: a table is also read in logs and by the colour-blind.
    call, style = " ", "dim"
    if assessment.positive:
        call, style = "+", "bold red"
    elif assessment.indeterminate:
        call, style = "?", "yellow"
    star = ("*" if there else " ") if known else ""
    return Text(f"{assessment.probability:.2f} {call}{star}", style=style)
