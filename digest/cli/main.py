"""The top command. Its subcommands are imported only when one of them is called."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from digest import __version__
from digest.cli import show
from digest.errors import DigestError

#: name -> (module:attribute, one line of help). The help stands here so that `--help` imports nothing.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo:demo", "Show the whole thing at work on sample articles."),
    "init": ("init:init", "Make a home folder: settings, key and database."),
    "ingest": ("ingest:ingest", "Take in articles from files, folders or standard input."),
    "source": ("source:source", "Folders and feeds that articles come from."),
    "fetch": ("ingest:fetch", "Read the sources that are due."),
    "article": ("article:article", "Look at articles."),
    "topic": ("topic:topic", "Standing interests: the defaults and your own."),
    "group": ("group:group", "Bring stories and storylines up to date."),
    "story": ("story:story", "Look at stories: articles that tell one event."),
    "storyline": ("storyline:storyline", "Look at storylines: stories that continue each other."),
    "summary": ("summary:summary", "Try summaries out; what a language model costs."),
    "publication": ("publication:publication", "What people subscribe to."),
    "subscriber": ("subscriber:subscriber", "People and their subscriptions."),
    "edition": ("edition:edition", "Preview, publish and look at editions."),
    "deliver": ("delivery:deliver", "Send what is due."),
    "delivery": ("delivery:delivery", "Look at deliveries; retry, pause, resume, cancel."),
    "bounce": ("bounce:bounce", "Mails that came back, and complaints."),
    "command": ("command:command", "Readers' mails that unsubscribe, confirm and the like."),
    "dkim": ("dkim:dkim", "Keys that sign the mails: make, show, check."),
    "secret": ("secret:secret", "The keys under links and Message-IDs: list, rotate, retire."),
    "explain": ("explain:explain", "Why a reader got what, and why not."),
    "run": ("run:run_", "One pass: fetch, group, publish what is due, deliver."),
    "serve": ("run:serve_", "Keep doing what `run` does."),
    "web": ("web:web_", "Answer readers' clicks and webhooks."),
    "health": ("health:health_", "Whether all is well."),
    "db": ("db:db", "The database: upgrade, status, backup, check."),
    "completion": ("completion:completion", "Print the script for shell completion."),
}


#: As it was called: the demo tells people what to type next.
PROGRAM = sys.argv[0] if "/" in sys.argv[0] and sys.argv[0].endswith("/digest") else "digest"


class LazyGroup(click.Group):
    """Lists its commands from the table above and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"digest.cli.{module}"), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.7)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _unread()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--home", metavar="FOLDER", help="The home folder. Also DIGEST_HOME; else here, if here is one.")
@click.version_option(__version__, prog_name="digest")
@click.pass_context
def cli(ctx: click.Context, home: str | None) -> None:
    """Scheduled news digests by e-mail.

    Articles come in from files and feeds, in any mix of languages; stories are found that run
    through them; each reader is mailed what is new to them, in their language first.

    \b
    Start with:   digest demo
    Then:         digest init news && cd news
                  digest source add https://example.org/feed.xml
                  digest publication add morning --every day --at 07:00 --zone Europe/Brussels
                  digest subscriber add you@example.org --publication morning --basis "it is me"
                  digest serve
    """
    ctx.obj = home or ""
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        ctx.color = False


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit code."""
    try:
        code = cli.main(args=list(arguments), prog_name="digest", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("digest: interrupted", err=True)
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return error.exit_code
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "digest"
        say(f"{error.format_message()} (see: {command} --help)")
        return error.exit_code
    except click.ClickException as error:
        say(error.format_message())
        return error.exit_code
    except DigestError as error:
        say_error(error)
        return error.exit_code
    except BrokenPipeError:
        return _unread()
    except OSError as error:
        # A full disk, a folder that may not be written: the surroundings', not ours.
        where = f"{error.filename}: " if error.filename else ""
        say(f"{where}{error.strerror or error}")
        return 1
    return code if isinstance(code, int) else 0


def _unread() -> int:
    """Whoever read our output has gone (`| head`): nothing is wrong, and nothing more can be said."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def say_error(error: DigestError) -> None:
    """One line on standard error."""
    say(str(error))


def say(text: str) -> None:
    click.echo(click.style("digest: ", fg="red", bold=True) + " ".join(show.plain(text).split()), err=True)
