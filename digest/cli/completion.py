"""digest completion"""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes `digest` in a shell.

    \b
    Example:
      digest completion bash >> ~/.bashrc
      digest completion zsh >> ~/.zshrc
      digest completion fish > ~/.config/fish/completions/digest.fish
    """
    from click.shell_completion import get_completion_class

    from digest.cli.main import cli

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(cli, {}, "digest", "_DIGEST_COMPLETE").source())
