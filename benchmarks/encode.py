"""Encoders of still frames: ours, compiled and in numpy, against img2sixel, chafa and textual-image.

    python benchmarks/encode.py [--sides 512 1000] [--image CT.dcm] [--rounds 7] [--no-xterm] [--json FILE]

Every program gets the same grey pixels: the middle slice of the demo's phantom with noise, or a DICOM image
by its own window. `ms` is the processor time to encode one frame in a process that runs already: for the
programs of the command line what a list of pictures takes longer than a single one. `dB` and the greys come
from an independent decoder. `xterm` is the processor time, its X server's included, in which a real one reads
and shows the bytes; `fps` is what one processor gives that encodes and shows. Processor time, since a wall
clock tells more about a busy machine than about the programs.
Medians over the rounds, in which all take turns; ratios are medians of the rounds' ratios.

For kitty, textual-image scales to the screen and sends that; ours sends the native pixels. Both are counted
in base64, as they travel. A mark and a label lie over "with overlay".
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]

from any_sixel import read_any_sixel  # noqa: E402 - beside this script

from noctis_tui.graphics.encoding import compiled  # noqa: E402 - found above
from noctis_tui.graphics.encoding.png import DRAFTS, encode_draft_png, encode_overlay_png, encode_png  # noqa: E402
from noctis_tui.graphics.encoding.sixel import LEVELS, encode_sixel  # noqa: E402
from noctis_tui.graphics.kitty import commands as kitty  # noqa: E402
from noctis_tui.graphics.labels import draw_labels  # noqa: E402
from noctis_tui.graphics.picture import Label, Picture  # noqa: E402

LIST_LENGTH = 6
"""Pictures that a command-line program encodes in one run, less one: its start is not counted."""
SCREEN_PX = (1000, 1000)


def phantom(side):
    from noctis_tui.demo.phantom import NOISE_HU, SLICES, slice_hu

    values = slice_hu(SLICES // 2)
    values = values + np.random.default_rng(1).normal(0, NOISE_HU, values.shape)
    return scaled(np.clip((values + 160) / 400 * 255, 0, 255).astype(np.uint8), side)


def image_of(path, side):
    from noctis_tui.reading.frame_reading import read_frame
    from noctis_tui.reading.rendering import render
    from noctis_tui.reading.viewport import ViewState

    return render(read_frame(path), ViewState(), side, side).pixels


def scaled(pixels, side):
    return np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BILINEAR))


def timed(encode):
    begun = time.thread_time()
    content = encode()
    return (time.thread_time() - begun) * 1e3, content


def in_numpy(encode):
    kept = compiled.loops, compiled.filters
    compiled.loops = compiled.filters = None
    try:
        return timed(encode)
    finally:
        compiled.loops, compiled.filters = kept


def by_program(command, path):
    """Milliseconds a picture, and its bytes, of a program that encodes a list of files."""

    def run(count):
        begun = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*command, *[str(path)] * count], capture_output=True, check=True)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
        return seconds * 1e3, done.stdout

    one, content = run(1)
    many, _ = run(LIST_LENGTH)
    return (many - one) / (LIST_LENGTH - 1), content


def by_textual_image(pixels, mode):
    from textual_image._sixel import image_to_sixels

    image = Image.fromarray(pixels).convert(mode)
    milliseconds, sixels = timed(lambda: image_to_sixels(image))
    return milliseconds, sixels if isinstance(sixels, bytes) else sixels.encode()


def textual_image_to_kitty(pixels, mode):
    """What its renderable writes for a picture that fills the screen."""
    from textual_image.renderable import tgp

    written = io.StringIO()
    sys.__stdout__, real = written, sys.__stdout__
    try:
        image = tgp.Image(Image.fromarray(pixels).convert(mode))
        milliseconds, _ = timed(lambda: image._send_image_to_terminal(*SCREEN_PX))  # noqa: SLF001 - what it calls
    finally:
        sys.__stdout__ = real
    return milliseconds, written.getvalue().encode()


def sixel_encoders(pixels, path):
    picture = Picture(pixels)
    encoders = {}
    for number, level in enumerate(LEVELS):
        name = f"ours {number}: {'/'.join(map(str, level.greys))} greys, block {level.block}"
        encoders[name] = lambda level=level: timed(lambda: encode_sixel(picture, level))
    for number in (0, 1):
        encoders[f"ours {number}, numpy"] = lambda n=number: in_numpy(
            lambda: encode_sixel(picture, LEVELS[n])
        )
    encoders["img2sixel"] = lambda: by_program(["img2sixel"], path)
    if shutil.which("chafa"):
        # Its cells are 8 x 8 pixels; it scales to whole bands of six, so its decibels say little.
        cells = f"--size={pixels.shape[1] // 8}x{pixels.shape[0] // 8}"
        command = ["chafa", "--format=sixel", cells, "--font-ratio=1", "--animate=off", "--bg=black"]
        encoders["chafa"] = lambda: by_program(command, path)
    encoders["textual-image, L"] = lambda: by_textual_image(pixels, "L")
    encoders["textual-image, RGB"] = lambda: by_textual_image(pixels, "RGB")
    return encoders


def kitty_encoders(pixels):
    overlay = np.zeros(pixels.shape, np.uint8)
    overlay[pixels.shape[0] // 2] = 2
    marked = draw_labels(Picture(pixels, overlay, (Label("CHEST 1.0\nIm 30/100", "top-left"),)), 14)
    plain = Picture(pixels)
    flat = np.asarray(Image.open(io.BytesIO(encode_png(marked))).convert("RGB"))
    encoders = {"ours, exact": lambda: timed(lambda: encode_png(plain))}
    encoders["ours, exact, numpy"] = lambda: in_numpy(lambda: encode_png(plain))
    for draft in DRAFTS:
        name = f"ours, {draft.greys[0]} greys"
        encoders[name] = lambda draft=draft: timed(lambda: encode_draft_png(plain, draft))
    encoders["ours, overlay in the same picture"] = lambda: timed(lambda: encode_png(marked))
    encoders["ours, overlay as a layer"] = lambda: timed(
        lambda: encode_png(plain) + encode_overlay_png(marked.overlay)
    )
    travelling = {name: lambda encode=encode: in_base64(*encode()) for name, encode in encoders.items()}
    travelling["textual-image, L"] = lambda: textual_image_to_kitty(pixels, "L")
    travelling["textual-image, with overlay"] = lambda: textual_image_to_kitty(flat, "RGB")
    return travelling


def in_base64(milliseconds, content):
    return milliseconds, b"".join(kitty.send(1, content))


def measure(encoders, rounds):
    """Milliseconds of each round, and the bytes, of each encoder; all take turns."""
    found = {name: ([], b"") for name in encoders}
    for turn in range(rounds + 1):
        for name, encode in encoders.items():
            milliseconds, content = encode()
            if turn:  # the first is a warm-up
                found[name] = [*found[name][0], milliseconds], content
    return found


def read_by_xterm(contents, side, rounds):
    """Milliseconds of each round that a real xterm takes to read each."""
    from terminals import Terminal

    with tempfile.TemporaryDirectory() as name:
        folder, result = Path(name) / "frames", Path(name) / "result.json"
        folder.mkdir()
        for number, content in enumerate(contents.values()):
            (folder / f"{number:03}").write_bytes(content)
        command = [sys.executable, str(HERE / "encode_reading.py"), str(folder), str(rounds), str(result)]
        limit = ["-xrm", f"*maxGraphicSize: {side + 50}x{side + 50}"]
        with Terminal("xterm", command, side // 7 + 8, side // 15 + 6, options=limit) as terminal:
            end = time.monotonic() + 240
            while not result.exists() and terminal.exit_status is None and time.monotonic() < end:
                time.sleep(0.2)
        times = json.loads(result.read_text())
    numbers = {name: f"{number:03}" for number, name in enumerate(contents)}
    return {name: [seconds * 1e3 for seconds in times[number]] for name, number in numbers.items()}


def quality(content, pixels):
    """Decibels, and how many greys are shown."""
    shown = read_any_sixel(content, len(pixels))[..., 1]
    error = ((shown.astype(float) - pixels) ** 2).mean()
    return 10 * np.log10(255**2 / max(error, 1e-9)), len(np.unique(shown))


def report_sixel(pixels, path, arguments):
    encoded = measure(sixel_encoders(pixels, path), arguments.rounds)
    contents = {name: content for name, (_, content) in encoded.items()}
    read = None if arguments.no_xterm else read_by_xterm(contents, len(pixels), arguments.rounds)
    print(f"  {'sixel':32}{'ms':>8}{'KB':>8}{'dB':>7}{'greys':>7}{'xterm':>8}{'fps':>7}{'x img2sixel':>13}")
    rows = []
    for name, (times, content) in encoded.items():
        decibels, greys = quality(content, pixels)
        row = {"name": name, "ms": statistics.median(times), "kb": len(content) / 1e3}
        row |= {"db": decibels, "greys": greys}
        if read:
            peer = [a + b for a, b in zip(encoded["img2sixel"][0], read["img2sixel"], strict=True)]
            whole = [a + b for a, b in zip(times, read[name], strict=True)]
            row["xterm_ms"] = statistics.median(read[name])
            row["fps"] = 1e3 / statistics.median(whole)
            row["ratio"] = statistics.median(b / a for a, b in zip(whole, peer, strict=True))
        rows.append(row)
        print(
            f"  {name:32}{row['ms']:8.1f}{row['kb']:8.0f}{decibels:7.1f}{greys:7}"
            + (f"{row['xterm_ms']:8.1f}{row['fps']:7.1f}{row['ratio']:12.1f}x" if read else "")
        )
    return rows


def report_kitty(pixels, arguments):
    encoded = measure(kitty_encoders(pixels), arguments.rounds)
    print(f"  {'kitty':32}{'ms':>8}{'KB':>8}{'fewer bytes than textual-image':>34}")
    rows = []
    for name, (times, content) in encoded.items():
        peer = "textual-image, with overlay" if "overlay" in name else "textual-image, L"
        ratio = len(encoded[peer][1]) / len(content)
        rows.append({"name": name, "ms": statistics.median(times), "kb": len(content) / 1e3, "ratio": ratio})
        print(f"  {name:32}{rows[-1]['ms']:8.1f}{rows[-1]['kb']:8.0f}{ratio:33.1f}x")
    return rows


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sides", type=int, nargs="+", default=[512, 1000])
    parser.add_argument("--image", type=Path, help="a DICOM image instead of the phantom")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-xterm", action="store_true", help="encode only")
    parser.add_argument("--json", type=Path, help="write the medians there, too")
    arguments = parser.parse_args()
    if shutil.which("img2sixel") is None:
        raise SystemExit("img2sixel is missing: install Debian's package libsixel-bin.")
    print(
        f"compiled loops: {'yes' if compiled.loops and compiled.filters else 'NO, install with a compiler'}"
    )
    results = {}
    for side in arguments.sides:
        pixels = image_of(arguments.image, side) if arguments.image else phantom(side)
        print(f"\n{side} x {side}")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "frame.png"
            Image.fromarray(pixels).save(path)
            results[side] = report_sixel(pixels, path, arguments)
        results[side] += report_kitty(pixels, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
