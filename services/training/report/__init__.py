"""The evaluation report: its numbers, section by section, and the page that shows them."""
