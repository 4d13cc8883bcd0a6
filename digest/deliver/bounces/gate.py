"""Is this a machine's word about a mail that was not delivered? Asked before any text is believed."""

from __future__ import annotations

import re
from email.utils import parseaddr

from digest.deliver.bounces.mail import Mail

_DAEMON = re.compile(
    r"^(?:.{0,40}mailer[._-]?daemon.{0,40}|poo?stmaster.{0,40}|mail[._-]?(?:daemon|deamon|administrator|admin|system|delivery.{0,20})"
    r"|mdaemon|daemon|mta|bounces?|mailsystem|(?:ndr|dsn)(?:[._-].{0,30})?|delivery|delivery[._-].{0,30}|undeliver.{0,20}|smtp|smtpd)$",
    re.I,
)
_DAEMON_NAME = re.compile(
    r"mail(?:er)? (?:deliver\w*|daemon|admin\w*|system)|mailer-daemon|postmaster|delivery (?:sub)?system|content-filter|mail transport|message router|^system administrator$",
    re.I,
)
_ANSWER = re.compile(r"^\s*(?:re|aw|antw|sv|vs|fwd?|wg|tr|rv|enc|rif|odp|ynt|ответ|回复|转发|答复)\s?(?:\[\d+\])?\s?[:：]", re.I)
_AUTOREPLY = re.compile(
    r"out of (?:the )?office|auto(?:matic|matische|mated)?[ -]?(?:reply|response|antwort|svar|re:)|vacation|away from|on leave|holiday"
    r"|abwesen|urlaub|absence|absent|r[ée]ponse automatique|fuera de (?:la )?oficina|respuesta autom|resposta autom|aus[êe]n"
    r"|risposta automatica|fuori (?:sede|ufficio)|afwezig|автоответ|вне офиса|отпуск|自動返信|自動応答|不在|自动(?:回复|答复)|자동 ?(?:응답|회신)|부재",
    re.I,
)

#: A mail was not delivered, in the words of many servers.
FAILED = re.compile(
    "|".join(
        [
            r"(?:could|can|was|were|has|have|had|did|is|been)(?: ?n[o']t| not)(?: be| been| able to| yet)?(?: \w+)? (?:deliver|sent|send|relay|reach|process|transmit|transfer)\w*",
            r"undeliver(?:able|ed)|non-?deliver\w+|not (?:been )?(?:delivered|deliverable)|unable to (?:deliver|send|relay)|wasn't (?:able to )?deliver\w*|failed to (?:send|deliver)|error\b.{0,60}\b(?:sending|delivering)|trouble delivering",
            r"deliver(?:y|ing)\b.{0,60}\b(?:fail|error|problem|abort|unsuccessful|impossible|was refused)|fail\w* (?:delivery|mail|notice|addresses|recipients|reasons?)|failure (?:notice|delivery|reasons?)|mail (?:failed|failure)|mail system error",
            r"return(?:ed|ing) (?:mail|message|to sender|e-?mail)|permanent (?:fatal )?(?:error|failure)|fatal errors?|delivery (?:errors?|problems?|status notification)|problem\w* (?:delivering|with (?:the )?deliver)",
            r"(?:message|mail)\b.{0,60}\b(?:was |been )?(?:rejected|refused|bounced|blocked|returned)\b|rejected your (?:message|mail)|was rejected by|unknown (?:user|recipient)|user unknown|invalid (?:final delivery|recipient)|no such user|address not found|did not reach|not reach",
            r"group you tried to contact|may not exist, or you may not have permission",
            r"nicht (?:zugestellt|zustell\w+|ausgeliefert)|unzustellbar|fehlgeschlagen|zurückgewiesen|non remis|échec de (?:la )?remise|n'a pas (?:pu être|été) (?:remis|délivré|distribué|envoyé)|non distribué|no se (?:pudo|ha podido|puede) (?:entregar|enviar)|no (?:fue )?entregado|error de entrega|não (?:pôde|foi|pode) (?:ser )?entregue|falha na entrega|impossibile (?:recapitare|consegnare|inviare)|mancat[oa] (?:recapito|consegna)",
            r"не (?:может|могло|удалось|было) (?:быть )?(?:доставл|отправл)\w+|не доставлено|недостав\w+|無法(?:傳送|寄送|投遞)|无法(?:投递|送达|发送)|退信|投递失败|送信(?:できません|に失敗|できなかった)|配[信送]できません|届け(?:る|られ|でき)\S{0,12}|お届け|エラーメール|전송(?:하지 못|에? ?실패)|배달(?:되지|하지)|nedoručen\w*|nelze doručit|nie (?:mógł|można|mogła|dostarczono)\b.{0,20}|(?:kon|kan) niet worden (?:afgeleverd|bezorgd)|onbestelbaar|kunne ikke leveres|kunde inte levereras|teslim edilem\w+",
        ]
    ),
    re.I,
)
#: It is still being tried.
WARNING = re.compile(
    r"this is a warning message only|do(?: not| n't) need to re-?send|(?:has|have|is|was) been delayed|is delayed for|will be retried|will (?:keep|continue) (?:to )?try|not yet been delivered"
    r"|no action is required on your part|delivery attempts will continue|still (?:being )?(?:tr(?:ied|ying)|in the queue)|only a temporary failure report|delivery (?:is |has been )?delayed|transient non-fatal|advisory-only|enqueued and undeliver|just a warning"
    r"|doručení .{0,30}zpožděn|noch nicht zugestellt|wird weiterhin versucht|zustellung verzögert|remise différée|a été retardée|se ha retrasado|está atrasad|в ожидании доставки|доставка .{0,30}отложена|配信が遅延",
    re.I,
)
_ONLY = re.compile(r"this is a warning message only|only a temporary failure report|transient non-fatal(?!.*permanent)", re.I | re.S)
_FINAL = re.compile(r"permanent|fatal errors|giving up|given up|not going to try|could not be delivered|failed permanently", re.I)
#: A subject that begins as those of mail systems do.
_SUBJECT = re.compile(
    r"\s*(?:undeliver(?:able|ed)|non-?delivery|(?:permanent )?delivery (?:fail|status|notif|problem|error|report)|return(?:ed|ing) mail|failure (?:notice|delivery)|fail(?:ed|ure) (?:mail|delivery)|mail (?:delivery|system) (?:fail|error|status|problem)|mail could not be|message (?:undeliver|not deliver)|unzustellbar|non remis|no se puede entregar)",
    re.I,
)
_CLERK = re.compile(r"^(?:admin(?:istrator)?|system[ ._-]?admin\w*|root|imss|interscan|scanmail|mailsweeper|mimesweeper|e?\d{0,4}_?(?:smtp|mail)[._-].{1,40}|.{1,40}[._-](?:mail|smtp)[._-]?(?:service|system|server))$", re.I)
_OF_LISTS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")


def from_daemon(mail: Mail) -> bool:
    """Whether the sender is nobody, or a mail system by its name."""
    if mail.first("x-failed-recipients"):
        return True
    senders = mail.all("from") or mail.all("sender")
    if not senders:
        return bool(mail.fields) and _nobody(mail)
    name, address = parseaddr(senders[0][:500].replace("<>", ""))
    local = address.rpartition("@")[0] or address
    return bool(_DAEMON.match(local)) or bool(_DAEMON_NAME.search(name)) or not address or _null(senders[0])


def _null(sender: str) -> bool:
    return "<>" in sender and "@" not in sender


def _nobody(mail: Mail) -> bool:
    """The null reverse-path that no bounce can do without (RFC 5321, 4.5.5); vacation notes have it too."""
    paths = [path.strip().lower() for path in mail.all("return-path")]
    return any(path in ("<>", "") or "mailer-daemon" in path for path in paths)


def machine(mail: Mail) -> bool:
    """Whether its text may be read as a server's: no person, no list, no responder wrote it."""
    subject = mail.subject
    if _ANSWER.match(subject) or _AUTOREPLY.search(subject):
        return False
    nobody = _nobody(mail)
    if any(mail.first(name) for name in _OF_LISTS) and not nobody and not _for_list_owner(mail):
        return False
    if from_daemon(mail):
        return True
    return (nobody or _clerk(mail)) and bool(_SUBJECT.match(subject))


def _for_list_owner(mail: Mail) -> bool:
    """A bounce that a list's own address took, which puts its fields on whatever goes through it."""
    if "mailer-daemon" in mail.first("from").lower():
        return True
    return from_daemon(mail) and bool(_SUBJECT.match(mail.subject))


def _clerk(mail: Mail) -> bool:
    """A sender that may be a mail system, if its subject says so too."""
    address = parseaddr(mail.first("from")[:500])[1]
    return bool(_CLERK.match(address.rpartition("@")[0].strip('"')))


def warning(text: str) -> bool:
    """Whether a text says that the mail is late, and no more than that."""
    return bool(_ONLY.search(text)) or (bool(WARNING.search(text)) and not _FINAL.search(text))
