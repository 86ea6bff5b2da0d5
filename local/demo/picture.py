"""The picture in the README: what happened in Slack, as a drawing that any browser shows without loading anything."""

import io
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 76
"""Our choice: a frame, and some room."""

_PIXELS = 680
"""The width at which it is shown. Our choice: letters as large as those around it in a README."""

_THEME = TerminalTheme(
    background=(255, 255, 255),
    foreground=(36, 41, 47),
    normal=[
        (36, 41, 47),
        (207, 34, 46),
        (17, 99, 41),
        (154, 103, 0),
        (9, 105, 218),
        (130, 80, 223),
        (27, 124, 131),
        (110, 119, 129),
    ],
)
"""Dark on light, in colours that can be told apart on white."""

_FORMAT = f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{_PIXELS}" viewBox="0 0 {{width}} {{height}}" role="img">
<style>
.{{unique_id}}-matrix {{{{
  font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {{char_height}}px; line-height: {{line_height}}px;
}}}}
.{{unique_id}}-title {{{{ font-family: system-ui, sans-serif; font-size: 18px; font-weight: bold; }}}}
{{styles}}
</style>
<defs>
<clipPath id="{{unique_id}}-clip-terminal">
<rect x="0" y="0" width="{{terminal_width}}" height="{{terminal_height}}" />
</clipPath>
{{lines}}
</defs>
{{chrome}}
<g transform="translate({{terminal_x}}, {{terminal_y}})" clip-path="url(#{{unique_id}}-clip-terminal)">
{{backgrounds}}
<g class="{{unique_id}}-matrix">
{{matrix}}
</g>
</g>
</svg>
"""
"""Rich's own, without the fonts that it loads from elsewhere."""

_APART = "^ +|[\N{HOURGLASS WITH FLOWING SAND}\N{WHITE HEAVY CHECK MARK}\N{CROSS MARK}]|[│╮╯]$"
"""What is placed by itself, so that no font's idea of its width moves what comes after it."""


class Picture:
    """Collects lines."""

    def __init__(self, file: Path) -> None:
        """`file` is where it will be."""
        self.file = file
        self._drawn = False
        self._console = Console(
            record=True, file=io.StringIO(), width=COLUMNS, highlight=False, markup=False, emoji=False
        )

    def add(self, lines: Sequence[Text], *, apart: bool) -> None:
        """Draw lines below what is there, with a blank line between where they stand `apart`."""
        if apart and self._drawn:
            self._console.print()
        self._drawn = True
        for line in lines:
            drawn = line.copy()
            drawn.highlight_regex(_APART, "not dim")  # another style is another text in the drawing
            self._console.print(drawn, soft_wrap=True)

    def save(self) -> None:
        """Write it. Raises OSError."""
        drawn = self._console.export_svg(
            title="make demo: what Slack shows", theme=_THEME, code_format=_FORMAT, unique_id="slack"
        )
        drawn = "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(drawn, encoding="utf-8")
