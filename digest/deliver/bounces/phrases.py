"""What servers say, by what it means for the address. Data: `verdict.py` says in which order they are asked."""

from __future__ import annotations

import re
from collections.abc import Sequence


def _any(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases), re.I)


_WHO = (
    r"(?:user|e-?mail(?: address| account)?|recipient|mailbox|mail box|account|address(?:ee)?|customer|subscriber"
    r"|destination|person|member|alias|username|userid|login|inbox|local[ -]part)"
)
_NAMED = r"(?:[ '\"]{0,2}(?:name|address|account|id|s)?['\"]?,?:?(?: ?[<\[(\"'][^<>\[\]()]{1,120}[>\])\"'])?:?\s?)"
_IS = r"(?:is|was|has been|have been|had been|are|were|seems? to be|may be|appears to be)"

#: The address is fine, there is no room in it: soft.
FULL = _any(
    [
        r"(?:mail ?box|mail ?folder|mail ?file|inbox|account|mail ?drop|maildir|user)\b.{0,60}\b(?:is |was )?(?:too )?full\b",
        r"\bfull (?:mail ?box|inbox)|mailboxfull|mailbox_full|recipient (?:storage|mailbox) full",
        r"over (?:the )?(?:disk |mail |storage |maximum )?quota|overquota|over their quota|quota (?:error|violation)",
        r"quota.{0,40}(?:exceed|full|exhaust|reached|used|has been)|exceed\w*.{0,40}quota|out of quota|\bquota$",
        r"exceed\w*.{0,40}(?:storage|mail ?box|disk) ?(?:limit|size|space|capacity|allocation|allocated)",
        r"(?:mail ?box|storage|account|inbox)\b.{0,40}(?:exceed|limit (?:is |has been )?reached|size limit)",
        r"(?:not enough|insufficient|out of|no|low) (?:\w+ ){0,2}(?:storage|space)\b|no space left|disk (?:is )?full",
        r"not able to receive more mail|cannot (?:receive|accept) (?:any )?more|can't accept messages now",
        r"too (?:many messages|much mail) in (?:the )?(?:mail ?box|inbox)|mail ?drop.{0,20}quota",
        r"(?:postfach|mailbox|konto|speicher).{0,40}(?:voll\b|überschritten|ueberschritten|erschöpft)",
        r"(?:bo[iî]te|messagerie).{0,40}(?:pleine|satur[ée]e)|quota.{0,20}dépassé",
        r"buz[oó]n.{0,40}llen[oa]|caixa.{0,40}(?:cheia|lotada)|casella.{0,40}piena|cuota.{0,30}exced|quota superata",
        r"ящик.{0,40}(?:переполнен|заполнен)|skrzynk\w+.{0,40}(?:pełn|przepełnion)|postvak.{0,20}vol\b",
        r"容量.{0,12}(?:超|オーバー|いっぱい)|メールボックス.{0,12}(?:一杯|いっぱい|満杯)|邮箱.{0,8}(?:已满|空间不足)|信箱.{0,8}已滿",
        r"(?:메일함|편지함|용량).{0,10}(?:초과|가득)",
    ]
)

#: It is about who sends, or from where: soft.
SENDER = _any(
    [
        r"sender(?:'s)? (?:\S{1,80} )?(?:\w+ )?(?:verify|verification|callout|rejected|reject|denied|blocked|invalid|unknown|is not|not|was|domain)",
        r"(?:invalid|bad|unknown|unverified|unresolvable|rejected|blocked|forged|illegal) (?:\w+ )?sender",
        r"(?:envelope |mail )?from (?:address|header|domain|field)\b|\bfrom: header|sending (?:domain|ip|host|mta|server|address)",
        r"sender address|domain of sender|sender domain|for sender\b|verif\w+ failed for|return(?:-| )path|originator",
        r"(?:your|client|connecting|source) (?:ip|host|server|domain|mail ?server|mta|network|ISP)\b.{0,60}"
        r"(?:reject|block|list|denied|refus|not |unknown|banned|reputation|resolve|could)",
        r"reverse[ -]?(?:dns|lookup|path|mapping)|\brdns\b|\bptr\b|\bhelo\b|\behlo\b.{0,40}(?:reject|invalid|bad|denied)",
        r"cannot find your (?:hostname|reverse)|resolve your (?:hostname|domain|address)|fix reverse",
        r"\bdmarc\b|\bspf\b|\bdkim\b|domainkeys|unauthenticated|sender policy framework",
    ]
)

#: The address, or the whole domain, is not there or is given up: hard.
GONE = _any(
    [
        rf"{_WHO}{_NAMED}{{0,2}}{_IS}? ?(?:unknown|not[ -]found|non-?existent|nonexistent|not exist|not known|undefined)",
        rf"{_WHO}{_NAMED}{{0,2}}(?:(?:does|do|did|may|could|can)(?: not|n't|not) (?:be )?(?:exist|found))",
        rf"{_WHO}{_NAMED}{{0,2}}.{{0,60}}(?:does ?n[o']t exist|does not exist|(?:couldn't|could not|cannot|can't) be found)",
        rf"{_WHO}{_NAMED}{{0,2}}{_IS} (?:not |in)?(?:a )?(?:valid|recogni[sz]ed|listed|registered|a customer|here|local|hosted|activated|active)(?<!is valid)(?<!is active)(?<!is here)",
        rf"(?:unknown|no such|invalid|non-?existent|bad|nonexistent|not a (?:known|valid)|not an? (?:existing|active)) (?:\w+ ){{0,2}}?{_WHO}",
        rf"(?:unknown|no such|invalid|bad|non-?existent) (?:\w+ ){{0,2}}(?:user|person|people|name|contact)\b|unknownuser|user_?unknown",
        r"no (?:local )?(?:mail ?box|account|user|recipient|person|one|alias|such)\b.{0,30}(?:by|with|of|for|at|under|here|in|name)",
        r"there (?:is|was|are) no (?:user|mail ?box|account|person|address|such|one)|isn't (?:a|an) (?:known|valid|existing)",
        r"does(?: ?n[o']t| not) have an? (?:\S{1,80} )?(?:account|mail ?box|address|user)|(?:has|have) no (?:mail ?box|account)",
        r"not (?:our|a|in our) (?:\w+ )?(?:customer|user|list of)|not listed in|address book|not (?:found )?in (?:\w+ ){0,3}(?:directory|database|aliases|table)",
        r"(?:recipient|user) name is not recogni[sz]ed|name not recogni[sz]ed|unrecogni[sz]ed (?:recipient|address|user)",
        r"couldn't find (?:\w+ ){0,3}(?:user|recipient|address|mailbox|account)|(?:can't|cannot) find (?:\w+ ){0,3}(?:user|recipient|mailbox)",
        r"email address you entered couldn't be found|wasn't found at the destination|address(?:es)? not found",
        r"RecipNotFound|RecipientNotFound|ADR\.(?:Ex)?Recip|InvalidRecipient|recipient_unknown|unknown_recipient|NoSuchUser",
        r"5\.4\.1 .{0,200}recipient address rejected: access denied|\b5\.1\.1[01]\b.{0,40}(?:null|not found)",
        r"(?:account|mail ?box|user|e-?mail address|address|recipient|subscriber)\b.{0,80}"
        r"\b(?:disabled|deactivated|inactive|inactivated|suspended|closed|deleted|terminated|cancell?ed"
        r"|discontinued|decommissioned|frozen|abandoned|no longer|not active|unused|retired|dormant)\b",
        rf"{_WHO} (?:{_IS} )?(?:expired|removed|locked)\b",
        r"(?:disabled|deactivated|inactive|suspended|closed|deleted|discontinued|terminated|invalid) (?:\w+ )?(?:account|mail ?box|user|recipient)",
        r"no longer (?:valid|available|active|in use|exist|works?|employed|on (?:this )?server|with|accept|a valid|an active|using|monitored|be reached|here|at)",
        r"(?:user|recipient|mail ?box|destination|person|account|customer|address)\b.{0,30}(?:has )?(?:moved|left)\b|has moved to|new address is|please (?:use|update)[^.]{0,30} new address",
        r"host(?: or domain)?(?: name)?\b.{0,80}(?:not found|unknown|does ?n[o']t exist)(?!,? try again)|unknown (?:mail )?(?:host|domain)|no such (?:host|domain)",
        r"domain\b.{0,80}(?:not found|unknown|does ?n[o']t exist|does not exist|couldn't be found|not exist|is not reachable|invalid)|no such domain|NXDOMAIN|invalid domain|non-?existent (?:host|domain)",
        r"illegal host|(?:couldn't|could not|cannot|can't) find any host|couldn't find (?:a |any )?(?:mail )?(?:exchanger|host|domain)",
        r"no mx (?:record|or)|null ?mx|nullmx|no valid (?:mx|mail exchanger|hosts?)|mx records? point|does(?: ?n[o']t| not) (?:accept|receive) (?:any )?(?:e-?)?mail|no (?:mail )?servers? for",
        r"unrout(?:e)?able|bad destination|all relevant MX|no route to (?:domain|destination)|domain has no|lone CNAME",
        r"(?:benutzer|empf[äa]e?nger|adresse|postfach|konto|mailadresse)\b.{0,60}(?:unbekannt|existiert nicht|nicht (?:gefunden|bekannt|vorhanden)|ung[üu]e?ltig|deaktiviert|gesperrt|gel[öo]e?scht)",
        r"(?:utilisateur|destinataire|adresse|compte|bo[iî]te)\b.{0,60}(?:inconnue?|introuvable|n'existe (?:pas|plus)|inexistante?|invalide|d[ée]sactiv[ée]e?|suspendue?|ferm[ée]e?)",
        r"(?:usuario|destinatario|cuenta|direcci[oó]n|buz[oó]n)\b.{0,60}(?:desconocid|no existe|inexistente|no (?:fue )?encontrad|inv[áa]lid|desactivad)",
        r"(?:usu[áa]rio|destinat[áa]rio|conta|endere[çc]o|caixa)\b.{0,60}(?:desconhecid|n[ãa]o existe|inexistente|n[ãa]o (?:foi )?encontrad|inv[áa]lid|desativad)",
        r"(?:utente|destinatario|indirizzo|casella|account)\b.{0,60}(?:sconosciut|non esiste|inesistente|non (?:è stato )?trovat|non valid|disabilitat)",
        r"(?:gebruiker|geadresseerde|adres|postvak)\b.{0,60}(?:onbekend|bestaat niet|niet gevonden|ongeldig)|(?:onbekende|ukendt|okänd|ukjent|tuntematon) (?:gebruiker|bruger|användare|bruker|mottaker|mottagare|modtager|käyttäjä|vastaanottaja)",
        r"(?:u[żz]ytkownik|adres|konto|skrzynka|odbiorca)\b.{0,60}(?:nieznan|nie istnieje|nie znaleziono)|(?:uživatel|adresa|příjemce|schránka)\b.{0,80}neexistuje|(?:kullanıcı|alıcı|adres)\b.{0,40}(?:bulunamadı|yok|bilinmiyor)",
        r"(?:пользовател|получател|адрес|ящик|абонент)\w*\b.{0,60}(?:не (?:существует|найден|зарегистрирован)|неизвест|отключ|заблокирован|удал[её]н|недейств)|нет так(?:ого|ой)|неизвестный пользователь",
        r"(?:ユーザ|宛先|アドレス|アカウント|メールボックス|受信者).{0,24}(?:存在し|見つか|不明|ありません|無効|間違)|(?:あて先|宛先)(?:不明|が)|该?(?:用户|收件人|邮箱|地址|帐户|账户|帐号).{0,10}(?:不存在|无效|未找到|停用|禁用)|(?:收件者|使用者|信箱).{0,10}(?:不存在|無效|找不到)|(?:사용자|수신자|주소|계정).{0,14}(?:없|존재하지|찾을 수)",
    ]
)

#: What was said against the mail, the way it came, or how many came: soft.
POLICY = _any(
    [
        r"spam|unsolicited|bulk|\bUBE\b|\bUCE\b|junk|phish|\bscam\b|virus|malware|infected|trojan|banned|suspicious|abus(?:e|ive)",
        r"black ?-?list|blocklist|block list|deny ?list|black-listed|dnsbl|\brbl\b|\bsbl\b|spamhaus|spamcop|sorbs|barracuda|proofpoint|cloudmark|senderscore|reputation|AUP#|listed (?:by|in|at|on)",
        r"blocked|blocking|bloqu[ée]|blockiert|bloccat|заблокир|policy|policies|prohibit|forbidden|not permitted|not allowed|not authori[sz]ed|unauthori[sz]ed|permission|restrict|access denied|denied|refused|not accept",
        r"authenticat\w+|auth(?:entication)? required|login required|\btls\b|starttls|encrypt|secure connection|certificate",
        r"relay(?:ing|ed)?\b|too many|rate[ -]?limit|receiving mail (?:at a rate|too quickly)|throttl|frequen|excessive|hop count|routing loop|mail loop|\bloops?\b|looping|hops",
        r"\bcontents?\b|\bheaders?\b|malformed|attachment|message (?:was )?rejected|mail rejected|mail rejet|duplicate|RFC ?\d{3,4}|not RFC|non-?compliant|\bformat\b|syntax|bare (?:LF|CR)|8-?bit|SMTPUTF8|charset|\burls?\b|\blinks?\b",
        r"too (?:big|large|long)|(?:message|mail|size)\b.{0,40}(?:exceeds?|larger|limit|maximum)|message length|maximum (?:message )?size|size limit|not like|grey-?list|gray-?list|please try (?:again )?later|whitelist|white list|moderat",
    ]
)

#: Nobody was there, or something broke: soft.
AWAY = _any(
    [
        r"temporar|tempor[äa]r|try (?:again|later)|again later|(?:timed|time)[ -]?out|timeout|deferred|delayed|retry",
        r"connect(?:ion)? (?:to .{0,60})?(?:refused|reset|lost|dropped|closed|failed|error|timed)|lost connection|unable to connect|could not connect|couldn't connect|no route|network|not reachable|unreachable|did not accept our requests|not accepting|establish an SMTP",
        r"in the queue too long|expired|(?:could|was) not (?:be )?deliver(?:ed)? (?:for|within|in) |giving up|after (?:multiple|several|\d+) (?:retries|attempts|days|hours|times)|too old|max(?:imum)? (?:retries|time)|retry time",
        r"resources|insufficient|system (?:error|problem|failure)|internal (?:server )?error|local (?:error|problem|configuration)|server (?:error|busy|unavailable|configuration)|service (?:is )?(?:currently )?(?:not |un)available|out of memory|I/O error|disk|configuration error|mailer error|lookup fail|name server|LDAP|DNS (?:error|query|fail)|permission denied|pipe to|exit (?:code|status)|child (?:status|process)|command (?:died|failed|not)|sequence of commands",
    ]
)

#: Said of addresses that are not there and of mails that are not wanted; asked after all of the above.
PERHAPS_GONE = _any(
    [
        r"mail ?box (?:name )?(?:is |currently )?(?:unavailable|not available|not allowed|not reachable|not accessible)",
        r"(?:recipient|address|rcpt|user)\b.{0,100}\b(?:rejected|refused|failed|not accepted|not deliverable|undeliverable|error|denied)",
        r"(?:reject|refus)\w* (?:the |your )?(?:recipient|address)|does not like recipient|rejected address|not our|unavailable mailbox",
        r"[<(\[]?@[>)\]]?[.: ]{1,5}(?:rejected|refused|denied|unavailable|not here|not accepted)",
        r"not (?:deliverable|a mailbox)|no valid recipients|undeliverable address|address error|unable to verify|verify (?:address|the)",
    ]
)

#: A word that takes the finality out of "disabled" and the like.
FOR_NOW = _any(
    [
        r"temporar|not found,? try again|again later|currently (?:disabled|suspended|inactive|locked|unable)|for now|vorübergehend|temporaire|temporal|временно|一時的|暂时",
    ]
)
