"""What readers are mailed in the tests of trust: words of our own, in several languages and scripts."""

from __future__ import annotations

from tests.support.mailed import Case

_NL = (
    (
        "Brug over de Vliet na drie maanden weer open voor auto’s",
        "De Vlietbode",
        (
            "De brug over de Vliet bij Leidschendam is sinds maandagochtend weer open voor auto’s en vrachtwagens. "
            "Drie maanden lang moest het verkeer omrijden, omdat de scharnieren van het val waren versleten. "
            "Volgens de provincie Zuid-Holland heeft het herstel 2,4 miljoen euro gekost, iets minder dan begroot. "
            "Fietsers en voetgangers konden in die tijd gebruikmaken van een pontje, dat elke tien minuten voer. "
            "De ondernemers aan de kade zeggen dat zij een kwart van hun omzet zijn kwijtgeraakt."
        ),
    ),
    (
        "Bibliotheek van Assen schaft boetes voor jongeren af",
        "Noordenkrant",
        (
            "Wie jonger is dan achttien jaar betaalt in Assen geen boete meer voor een boek dat te laat terugkomt. "
            "De bibliotheek hoopt dat kinderen die wegbleven uit angst voor een rekening weer komen lezen. "
            "In Groningen nam het aantal jonge leden met elf procent toe nadat daar hetzelfde was besloten. "
            "De gemeente vergoedt het verschil van ongeveer negenduizend euro per jaar uit het onderwijsbudget."
        ),
    ),
    (
        "Boeren in Zeeland planten vijftig hectare olijfbomen",
        "Zeeuws Nieuwsblad",
        (
            "Acht akkerbouwers op Walcheren en Zuid-Beveland planten dit voorjaar samen vijftig hectare olijfbomen. "
            "De winters zijn volgens hen zacht genoeg geworden voor twee rassen uit het noorden van Spanje. "
            "Wageningen volgt de bomen zes jaar lang en meet hoeveel water de grond vasthoudt. "
            "De eerste olie wordt op zijn vroegst in de herfst van 2029 verwacht."
        ),
    ),
)

_DE = (
    (
        "Straßenbahn in Kassel fährt künftig auch nachts zwischen Bahnhof und Universität",
        "Fuldabote",
        (
            "Die Straßenbahn in Kassel fährt ab April an jedem Wochenende die ganze Nacht hindurch. "
            "Zwischen dem Hauptbahnhof und der Universität soll alle dreißig Minuten ein Zug verkehren. "
            "Der Stadtrat stimmte dem Vorschlag am Montag mit großer Mehrheit zu. "
            "Die Kosten von rund 800.000 Euro im Jahr teilen sich die Stadt und das Land Hessen. "
            "Studierende hatten sich seit 2022 für die nächtlichen Fahrten eingesetzt."
        ),
    ),
    (
        "Münster zählt erstmals mehr Lastenräder als Lieferwagen in der Altstadt",
        "Westfalenblick",
        (
            "In der Altstadt von Münster wurden im Februar erstmals mehr Lastenräder als Lieferwagen gezählt. "
            "Das Amt für Verkehr hatte an zwölf Straßen eine Woche lang Kameras aufgestellt. "
            "Seit dem vergangenen Sommer dürfen Lieferwagen nur noch bis zehn Uhr in die Fußgängerzone. "
            "Die Händler berichten, dass Pakete seither schneller ankommen."
        ),
    ),
    (
        "Forscher aus Jena finden älteste bekannte Knochenflöte nördlich der Alpen",
        "Saalezeitung",
        (
            "Eine Flöte aus dem Flügelknochen eines Schwans ist nach Angaben der Universität Jena 38.000 Jahre alt. "
            "Sie lag in einer Höhle im Süden Thüringens unter einer Schicht aus Kalk. "
            "Drei der fünf Grifflöcher sind erhalten, und ein Nachbau lässt sich spielen. "
            "Im Herbst wird das Stück in Weimar zum ersten Mal öffentlich gezeigt."
        ),
    ),
)

_AR = (
    (
        "افتتاح خط المترو الثالث في الإسكندرية بعد عامين من العمل",
        "صوت الميناء",
        (
            "افتتحت مدينة الإسكندرية يوم الاثنين خط المترو الثالث بعد عامين من العمل المتواصل. "
            "يربط الخط الجديد محطة مصر بالجامعة ويمر بتسع محطات تحت الأرض. "
            "وقال رئيس الهيئة إن القطارات ستنقل مئتي ألف راكب في اليوم. "
            "وبلغت التكلفة أربعة مليارات جنيه دفعت الحكومة نصفها."
        ),
    ),
    (
        "باحثون في الرباط يطورون نوعا جديدا من القمح يقاوم الجفاف",
        "جريدة الأطلس",
        (
            "طور باحثون في الرباط نوعا جديدا من القمح يحتاج إلى ثلث كمية الماء المعتادة. "
            "وجربت الوزارة هذا النوع في ثلاث مناطق من الجنوب خلال الموسمين الماضيين. "
            "وارتفع المحصول بنسبة خمسة عشر في المئة مقارنة بالحقول المجاورة. "
            "وستوزع البذور على المزارعين مجانا في الخريف المقبل."
        ),
    ),
    (
        "مكتبة عمان العامة تفتح أبوابها طوال الليل خلال شهر الامتحانات",
        "أخبار الجبل",
        (
            "أعلنت مكتبة عمان العامة أنها ستفتح أبوابها طوال الليل خلال شهر الامتحانات. "
            "ويستطيع الطلاب استعمال مئتي مقعد وشبكة سريعة من دون مقابل. "
            "وتقدم البلدية حافلات ليلية إلى الأحياء البعيدة."
        ),
    ),
)

_ZH = (
    (
        "杭州新建的自行车高架桥本周正式向市民开放",
        "钱塘早报",
        (
            "杭州新建的自行车高架桥本周一正式向市民开放，全长八点二公里，连接火车东站与大学城。"
            "市政府表示，大桥的建设用了两年时间，总投资约为六亿元。"
            "桥上设有十二个出入口和四个休息站，夜间全程照明。"
            "交通部门预计，每天将有三万人骑车经过这里。"
        ),
    ),
    (
        "青海湖水位连续第十年上升，候鸟数量创下新纪录",
        "高原观察",
        (
            "研究人员说，青海湖的水位已经连续第十年上升，湖面比二〇一五年扩大了三百平方公里。"
            "今年春天，观察站记录到二十三万只候鸟，这是有记录以来最多的一次。"
            "科学家认为，降水增加和上游植被恢复是主要原因。"
        ),
    ),
    (
        "广州老城区四百栋骑楼将在三年内完成修缮",
        "珠江时报",
        (
            "广州市宣布，老城区的四百栋骑楼将在三年内完成修缮，费用由市政府和业主共同承担。"
            "专家已经对每栋建筑进行了测量，并保留原有的木窗和瓷砖。"
            "首批三十栋骑楼的工程将在下个月开始。"
        ),
    ),
)

_EMOJI = (
    (
        "🚲 Utrecht opens a bicycle street for families 👨‍👩‍👧‍👦 and drops 40 parking places 🅿️",
        "Dom Post",
        (
            "Utrecht has opened a bicycle street of two kilometres between the station and the zoo. 🚲 "
            "The city took away forty parking places and planted ninety lime trees instead. 🌳 "
            "On the first Sunday some eleven thousand people came by, a third of them children. "
            "The council will decide in October whether the street stays as it is."
        ),
    ),
    (
        "🏳️‍🌈 Ghent’s choirs sing on every bridge 🎶 for one evening in May",
        "Leie Courier",
        (
            "Forty-two choirs will sing on the bridges of Ghent on the second Saturday of May. 🎶 "
            "Each choir has one bridge and half an hour, and the boats stop while they sing. "
            "The city expects fifteen thousand listeners along the Leie and the Coupure."
        ),
    ),
    (
        "👩🏽‍🚀 Two teachers from Leuven will fly on a parabolic flight",
        "Dijle Daily",
        (
            "Two teachers of physics from Leuven will take part in a parabolic flight over the Atlantic. 👩🏽‍🚀 "
            "Their pupils built the experiment, which measures how foam settles without weight. "
            "The results will be shown at the school in June."
        ),
    ),
)

_HOSTILE = (
    (
        (
            "Harbour\r\nBcc: everybody@example.net\r\n\r\nwalls =?utf-8?q?rise=0D=0ABcc:_x@example.net?= "
            "=?utf-8?b?ZmFzdA0KQmNjOiB5QGV4YW1wbGUubmV0?= in \u202egrubmaH\u202c \x00and\u200b Bre\u00admen\ud800"
        ),
        "Quay\u2028Times\u2066",
        (
            "The harbour walls of Hamburg and Bremen will be raised by eighty centimetres before the winter of 2028. "
            "Engineers from both cities agreed on one design, which can be raised again if the sea asks for it. "
            "The work begins in June on the southern bank, where the ground is softest."
        ),
    ),
    (
        "=?utf-8?q?=3D=3Futf-8=3Fq=3FTunnel=3D0D=3D0AX-Evil:_1=3F=3D?= " + "Donaudampfschifffahrtsgesellschaft" * 4,
        '<b>Danube & "Sons"</b>',
        (
            "The tunnel under the Danube at Linz was flooded on purpose on Tuesday, to see whether its gates hold. "
            "They held for nine hours, one more than the plans had asked for. "
            "Trains will run through it from the second week of December."
        ),
    ),
    (
        "Shop \U000e0041\ufeff\u2060opens\u200d\u200c \ufffe\ue000 in \ufb01ve towns",
        "Shop\tKeeper",
        (
            "A shop in which everything costs five euros will open in five towns along the Meuse this spring. "
            "Its owner began with a market stall in Roermond eleven years ago. "
            "She says that rents, and not customers, decide where she goes next."
        ),
    ),
)

_MARKS = (
    (
        "Zo\u0308e\u0301\u0323\u0332\u0330 B\u0336o\u0335e\u0334r\u0337 reads \u0338aloud in Me\u0301rida",
        "Reader\u0301s",
        (
            "A writer from Haarlem will read all of her letters aloud in Spain, one a day, until the end of the year. "
            "The theatre gives her its smallest room, with forty chairs and a window to the street. "
            "Whoever comes on the last day gets a letter to take home."
        ),
    ),
)

_ALL = """{% for s in page.sections %}{% for g in s.groups %}{% for e in g.entries %}
{{ e.headline.text }} ·
{% endfor %}{% endfor %}{% endfor %}
"""
_LONG = "{{ ((page.lead.headline.text ~ ' · ') * 12)[:200] }}\n"

CASES = {
    "nl": Case("nl", _NL, "Ochtendnieuws", "Zoë van der Berg"),
    "de": Case("de", _DE, "Frühe Nachrichten", "Jürgen Müller-Lüdenscheidt"),
    "ar": Case("ar", _AR, "أخبار الصباح", "ليلى حداد"),
    "zh": Case("zh", _ZH, "早间新闻", "王小明"),
    "emoji": Case("en", _EMOJI, "Morning news ☕", "Jan 🚲"),
    "hostile": Case("en", _HOSTILE, "Morning news", 'Eve" <x@example.net>,\r\nBcc: y@example.net', subject=_ALL),
    "marks": Case("en", _MARKS, "Morning news", "", subject=_ALL),
    "nl-200": Case("nl", _NL, "Ochtendnieuws", "Zoë van der Berg", subject=_LONG),
    "ar-200": Case("ar", _AR, "أخبار الصباح", "ليلى حداد", subject=_LONG),
    "zh-200": Case("zh", _ZH, "早间新闻", "王小明", subject=_LONG),
    "emoji-200": Case("en", _EMOJI, "Morning news ☕", "", subject=_LONG),
}
