"""Pictures in character cells, as real xterm and kitty show them: ours against chafa and textual-image.

A slice of the phantom, exactly as large as the cells in pixels, is handed to everybody for the same number
of cells, with 24-bit colours and with 256. What the terminal shows is compared with it, pixel by pixel
("dB") and after a blur by half a cell's width ("afar"), as seen from where single cells are not told apart.
KB are what the terminal is sent, ms the median of drawing it (chafa's with the start of its process, since it
has no other door).

    python benchmarks/cells.py [--size COLUMNSxROWS] [--rounds N] [--terminal xterm|kitty] [--image FILE]
                               [--ours]
"""

from __future__ import annotations

import argparse
import io
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from terminals import Terminal  # noqa: E402 - the tests' harness

from noctis_tui.demo.anatomy import hu_at  # noqa: E402
from noctis_tui.graphics.cells.canvas import cell_rows  # noqa: E402
from noctis_tui.graphics.picture import Picture  # noqa: E402
from noctis_tui.graphics.terminal.cell_shapes import SHAPES  # noqa: E402
from noctis_tui.graphics.terminal.cell_terminals import Cells, cells_of, fine_cell_px  # noqa: E402

COLORS = ("true", "256")
CHAFA = {
    "half": "vhalf",
    "quad": "quad+half+solid+space",
    "as it comes": "",
    "sextant": "sextant+space+solid",
}


def slice_of(width, height):
    """Through the phantom's heart, windowed for soft tissue, uint8 [height, width]."""
    across = 420 / width
    x, y = (np.arange(width) - width / 2) * across, (np.arange(height) - height / 2) * across
    values = hu_at(*np.broadcast_arrays(x[None, :], y[:, None], np.float64(190)))
    grain = np.random.default_rng(3).normal(0, 9, (height, width))
    return np.clip((values + grain + 160) * (255 / 400), 0, 255).astype(np.uint8)


def ours(image, size, shapes, colors, cell_px):
    fine = fine_cell_px(cell_px)
    small = image.resize((size[0] * fine[0], size[1] * fine[1]), Image.Resampling.HAMMING)
    rows = cell_rows(Picture(np.asarray(small)), fine, Cells(shapes, colors, bars=shapes != "halves"))
    return "".join(f"{row.ansi}\n" for row in rows).encode()


def chafa(image, size, symbols, colors):
    command = ["chafa", "-f", "symbols", "-c", "full" if colors == "true" else "240", "--stretch"]
    command += ["-s", f"{size[0]}x{size[1]}", *(["--symbols", symbols] if symbols else [])]
    command += ["--dither", "diffusion"] if colors != "true" else []
    done = subprocess.run([*command, str(image)], capture_output=True, check=True)
    return done.stdout.replace(b"\x1b[?25l", b"").replace(b"\x1b[?25h", b"")


def textual_image(image, size, colors):
    # Late: it asks the terminal when it is imported.
    from rich.console import Console
    from textual_image.renderable.halfcell import Image as HalfCells

    paper = io.StringIO()
    system = "truecolor" if colors == "true" else "256"
    console = Console(file=paper, force_terminal=True, color_system=system, width=size[0], height=size[1])
    console.print(HalfCells(image.convert("RGB"), size[0], size[1]), end="")
    return paper.getvalue().encode()


def contestants(kind, image, file, size, cell_px):
    """What to run: (who, shapes, colours) -> bytes, with the characters that the terminal draws."""
    made = {}
    finest = SHAPES.index(cells_of(version(kind), {}, true_color=True).shapes)
    for colors in COLORS:
        for shapes in SHAPES[: finest + 1]:
            made["ours", shapes, colors] = lambda s=shapes, c=colors: ours(image, size, s, c, cell_px)
        for shapes, symbols in list(CHAFA.items())[: 4 if finest > 1 else 3]:
            made["chafa", shapes, colors] = lambda s=symbols, c=colors: chafa(file, size, s, c)
        made["textual-image", "halves", colors] = lambda c=colors: textual_image(image, size, c)
    return made


def version(kind):
    """The terminal's name and version, as it would say it itself."""
    if kind == "xterm":
        return "XTerm(0)"
    done = subprocess.run([kind, "--version"], capture_output=True, text=True, check=True)
    return f"{kind}({done.stdout.split()[1]})"


def quality(seen, wanted):
    """How near two grey images are, in dB, as they are and blurred."""
    pairs = [(seen, wanted), (blurred(seen), blurred(wanted))]
    errors = [np.mean((a.astype(float) - b) ** 2) for a, b in pairs]
    return [10 * np.log10(255**2 / max(error, 1e-9)) for error in errors]


def blurred(pixels):
    return np.asarray(Image.fromarray(pixels.astype(np.uint8)).filter(ImageFilter.GaussianBlur(4)))


def timed(draw, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        content = draw()
        times.append(time.perf_counter() - start)
    return content, statistics.median(times) * 1000


def measure(kind, size, arguments):
    """Print a row for everybody in one terminal."""
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder)
        script = f"stty -echo; cd {shlex.quote(folder)}; while read -r page; do"
        script += " printf '\\033[?25l\\033[H\\033[2J'; cat \"$page\"; done"
        with Terminal(kind, ["sh", "-c", script], size[0], size[1] + 1) as terminal:
            cell_px = terminal.cell_px
            width, height = size[0] * cell_px[0], size[1] * cell_px[1]
            pixels = (
                slice_of(width, height) if arguments.image is None else fitted(arguments.image, width, height)
            )
            image, file = Image.fromarray(pixels), pages / "image.png"
            image.save(file)
            (pages / "blank").touch()
            for (who, shapes, colors), draw in contestants(kind, image, file, size, cell_px).items():
                if arguments.ours and who != "ours":
                    continue
                content, milliseconds = timed(draw, arguments.rounds)
                (pages / "page").write_bytes(content.replace(b"\n", b"\r\n"))
                show(terminal, "blank", lambda screen: (screen[:height] == screen[0, 0]).all())
                show(terminal, "page", lambda screen: (screen != screen[0, 0]).any())
                seen = terminal.settle()[:height, :width].mean(axis=2)
                plain, afar = quality(seen, pixels)
                print(
                    f"{kind:6} {who:14} {shapes:12} {colors:5} {plain:6.1f} {afar:6.1f}"
                    f" {len(content) / 1000:8.1f} {milliseconds:7.1f}",
                    flush=True,
                )


def show(terminal, page, holds):
    terminal.type(page)
    terminal.press("Return")
    terminal.wait_until(holds)


def fitted(file, width, height):
    """Return a picture of somebody's choice, grey, cut to the shape of the cells."""
    image = Image.open(file).convert("L")
    scale = max(width / image.width, height / image.height)
    size = (round(image.width * scale), round(image.height * scale))
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return np.asarray(image.resize(size).crop((left, top, left + width, top + height)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", default="100x40", metavar="COLUMNSxROWS")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--terminal", choices=["xterm", "kitty"], action="append")
    parser.add_argument("--ours", action="store_true", help="leave the peers out")
    parser.add_argument("--image", type=Path, help="show this one, not the phantom")
    arguments = parser.parse_args()
    columns, rows = map(int, arguments.size.split("x"))
    print(f"{'':6} {'':14} {'shapes':12} {'':5} {'dB':>6} {'afar':>6} {'KB':>8} {'ms':>7}")
    for kind in arguments.terminal or ["xterm", "kitty"]:
        measure(kind, (columns, rows), arguments)


if __name__ == "__main__":
    main()
