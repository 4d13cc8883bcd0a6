"""digest edition test"""

from __future__ import annotations

import click

from digest.cli import context, given, show


@click.command()
@click.argument("publication")
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets the test mail: you.")
@click.option("--as", "email", default="", metavar="EMAIL", help="As this subscriber would get it.")
@click.option("--language", default="", metavar="LANG", help="In this language, like nl.")
@show.as_json_option
@click.pass_context
def test(ctx: click.Context, publication: str, to: str, email: str, language: str, as_json: bool) -> None:
    """Send what the next edition would be now, once, to one address; no reader counts as told by it.

    Its subject begins with [test], and its unsubscribe link ends no subscription.

    \b
    Example:
      digest edition test morning --to me@example.org
      digest edition test morning --to me@example.org --as reader@example.org
    """
    from digest.pipeline import trial_mail

    services = context.open_services(ctx)
    context.say_open_secrets(services)
    context.say_ungrouped(services)
    address = given.address(to)
    sent = trial_mail.send(
        services, publication, to=address, email=given.address(email) if email else "", language=language
    )
    if as_json:
        show.print_json(
            {
                "to": sent.to,
                "subject": sent.subject,
                "message_id": sent.message_id,
                "reply": sent.answered.reply,
                "new": sent.new,
            }
        )
        return
    if not sent.new:
        who = email or "a new reader"
        click.echo(f"Nothing is new for {who} in {publication}; the test mail shows the newest stories instead.")
    show.facts(
        f"Sent to {sent.to}",
        {"subject": sent.subject, "Message-ID": sent.message_id, "reply": sent.answered.reply},
    )
