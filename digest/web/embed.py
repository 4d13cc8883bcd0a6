"""The sign-up form as it can stand on another site."""

from __future__ import annotations

from digest.errors import NotFound, UsageError
from digest.pipeline import signing_up
from digest.pipeline.choices import language_of_words
from digest.pipeline.envelope import SIGN_UP_PATH
from digest.pipeline.services import Services
from digest.store import publications
from digest.web.pages import Pages
from digest.web.sign_up_form import form


def embedded(services: Services, name: str, language: str = "") -> str:
    """HTML; `language` is that of its words, else the publication's. Raises UsageError where nobody could use it."""
    offered = signing_up.open_offer(services, name)
    if offered is None:
        with services.database.read() as connection:
            publications.get(connection, name)
        mend = f"digest publication edit {name} --sign-up open"
        raise UsageError("nobody may sign up for it on the web", where=name, mend=mend)
    base = services.settings.web.url.rstrip("/")
    if not base:
        raise UsageError("the form would lead nowhere", where="web.url", mend="set how readers reach the web part")
    pages = Pages(services.template_folders)
    if language and language_of_words(services, language) != language:
        raise NotFound("language", language, sorted(pages.spoken()))
    words = pages.words(language or offered.publication.language)
    shown = form(services.settings.mail, offered, words)
    return pages.fragment("embed", words, form=shown, action=f"{base}{SIGN_UP_PATH}{offered.publication.name}")
