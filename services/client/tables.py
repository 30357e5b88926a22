"""How probabilities look in a table, wherever `densa` shows one."""

from rich.table import Table
from rich.text import Text

from services.client.results import Assessment, Classification, Location

LEGEND = "+ : the model's call is positive"

# In two lines, so that a table of them fits beside a name into 80 columns.
_HEADINGS = {
    Location.MESANGIAL: "mesangial",
    Location.SUBEPITHELIAL: "sub-\nepithelial",
    Location.INTRAMEMBRANOUS: "intra-\nmembranous",
    Location.SUBENDOTHELIAL: "sub-\nendothelial",
}


def add_output_columns(table: Table) -> None:
    """Columns for presence and the four locations."""
    for heading in ("presence", *_HEADINGS.values()):
        table.add_column(heading, justify="right", no_wrap=True)


def output_cells(answer: Classification) -> list[Text]:
    """The cells of these columns: probabilities, positive calls marked without need of colour."""
    return [
        probability(answer.presence),
        *(probability(answer.locations.get(location)) for location in Location),
    ]


def probability(assessment: Assessment | None) -> Text:
    """One output's cell; empty where the service did not send the output."""
    if assessment is None:
        return Text("")
    mark, style = ("+", "bold red") if assessment.positive else (" ", "dim")
    return Text(f"{assessment.probability:.2f} {mark}", style=style)
