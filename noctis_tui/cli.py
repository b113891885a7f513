"""The `noctis` command: every sub-command is imported only when it is called."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from archive.dicom.text import visible
from archive.errors import Interrupted, NoctisError
from noctis_tui.terminal_log import silence_libraries

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("noctis_tui.commands.demo", "Watch studies arrive in a throw-away archive and read them."),
    "view": ("noctis_tui.commands.view", "Read files or folders without an archive."),
    "receive": ("archive.commands.receive", "Receive studies from modalities and other archives."),
    "facility": ("archive.commands.facility", "Say who may speak to the receiver."),
    "import": ("archive.commands.import_", "Bring files, folders, ZIP files and DICOMDIRs into the archive."),
    "studies": ("archive.commands.listing", "List studies."),
    "series": ("archive.commands.listing", "List the series of a study."),
    "instances": ("archive.commands.listing", "List the instances of a series."),
    "jobs": ("archive.commands.jobs", "List what takes its time, and stop it."),
    "verify": ("archive.commands.verify", "Compare every file with the index by its hash."),
    "reindex": ("archive.commands.reindex", "Make the index again from the files."),
    "tags": ("archive.commands.tags", "Show every element of an instance."),
    "diff": ("noctis_tui.commands.diff", "Show what differs between instances, series or studies."),
    "notify": ("archive.commands.notify", "Try what is told by mail, webhook or chat."),
    "audit": ("archive.commands.audit", "Show who did what, and whether the record of it is intact."),
    "render": ("noctis_tui.commands.render", "Write an image as the viewer would show it."),
    "reconstruct": ("noctis_tui.commands.reconstruct", "Cut and look through volumes, into files."),
    "export": ("noctis_tui.commands.export", "Write studies, series and images as files."),
    "measure": ("noctis_tui.commands.measure", "Measure lengths, angles and regions, and store them."),
    "annotations": ("noctis_tui.commands.annotations", "Write what was drawn as DICOM objects, and back."),
    "show": ("noctis_tui.commands.show", "Show an image inline in this terminal."),
    "doctor": ("noctis_tui.commands.doctor", "Say what works here, and the line that mends what does not."),
}
"""Sub-command -> the module that holds it (as `<name>_command`) and its line in `--help`."""


def default_archive() -> Path:
    """Return the archive folder that is used when none is named."""
    from platformdirs import user_data_path  # noqa: PLC0415 - only when no archive is named

    return user_data_path("noctis") / "archive"


def default_config() -> Path:
    """Return the file that holds this user's keys, presets and theme."""
    from platformdirs import user_config_path  # noqa: PLC0415 - only when it is needed

    return user_config_path("noctis") / "config.toml"


@dataclass(frozen=True, slots=True)
class Site:
    """What the global options say: which archive, which personal configuration."""

    archive: Path = field(default_factory=default_archive)
    config: Path = field(default_factory=default_config)
    log_level: str = "warning"


def _remember(ctx: click.Context, parameter: click.Parameter, value: Path | str | None) -> None:
    if value is not None and not ctx.resilient_parsing:
        assert parameter.name is not None
        said: dict[str, Any] = {parameter.name: value}
        ctx.obj = replace(ctx.find_object(Site) or Site(), **said)


def _global_options(*, from_environment: bool) -> list[click.Parameter]:
    """Make the options that stand before or after the sub-command; nearer to its arguments wins."""
    archive = click.Path(path_type=Path, file_okay=False)
    config = click.Path(path_type=Path, dir_okay=False)
    levels = click.Choice(["debug", "info", "warning", "error"])
    said = (
        ("--archive", archive, "NOCTIS_ARCHIVE", "The archive's folder; else NOCTIS_ARCHIVE, else your own."),
        ("--config", config, "NOCTIS_CONFIG", "Your own preferences; else NOCTIS_CONFIG."),
        ("--log-level", levels, None, "How much is logged; warning by default."),
    )
    return [
        click.Option(
            [name],
            type=kind,
            envvar=variable if from_environment else None,
            help=meaning,
            expose_value=False,
            callback=_remember,
        )
        for name, kind, variable, meaning in said
    ]


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        below = command.commands.values() if isinstance(command, click.Group) else ()
        for each in (command, *below):
            if not any(parameter.name == "archive" for parameter in each.params):
                each.params += _global_options(from_environment=False)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version  # noqa: PLC0415 - not needed otherwise

    click.echo(f"noctis {version('noctis-tui')}")
    ctx.exit()


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Say the version.",
)
@click.pass_context
def noctis(ctx: click.Context) -> None:
    """Read a local DICOM archive in the terminal; without a command, open its worklist.

    Example: noctis --archive /srv/images
    """
    site = ctx.ensure_object(Site)
    if ctx.invoked_subcommand is None:
        from noctis_tui.commands.worklist import open_worklist  # noqa: PLC0415 - loads Textual

        open_worklist(site.archive, site.config)


noctis.params[:0] = _global_options(from_environment=True)


def _shown(error: Exception) -> str:
    """Return a sentence whose parts may come from a file or a peer."""
    return "\n".join(visible(line) for line in str(error).split("\n"))


def _raise_when_interrupted() -> None:
    """Have SIGTERM end a command as Ctrl+C does; what has more to say about it takes the signals itself."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _leave(exit_code: int) -> NoReturn:
    """End at once: an interpreter takes its time to take hundreds of modules apart."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(exit_code)


def main() -> None:
    """Run the command line; end with the contract's exit codes and sentences, never a traceback."""
    _raise_when_interrupted()
    silence_libraries()
    try:
        noctis(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except Interrupted as error:
        click.echo(f"noctis: {_shown(error)}", err=True)
        _leave(error.exit_code)
    except NoctisError as error:
        click.echo(f"noctis: {_shown(error)}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        what = f"It failed unexpectedly ({type(error).__name__}); python -X dev -m noctis_tui says where."
        click.echo(f"noctis: {what}", err=True)
        sys.exit(2)
