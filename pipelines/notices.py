"""What servers write in place of an article: headlines and sentences, in the languages of the sites and of the UN.

All expressions are held against normalised text (core.text.normalised): lower case, straight quotes, plain hyphens.
"""

import re
from dataclasses import dataclass

from core.model import Reason


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of page that is no article: its whole headline, or a sentence that is found on it."""

    reason: Reason
    detail: str
    headline: re.Pattern[str]
    sentence: re.Pattern[str]


def _any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


_THING = r"(?:page|article|story|content|document|url|address|file|resource)"
_SORRY = r"(?:oops|sorry)?(?:[,!.…]* ?(?:the|this|that|your))?"
_LOST = r"(?:not|n't|no longer|moved|removed)"
_SITE = r"(?:(?:the|this|our) )?(?:web ?)?(?:site|page|website|system|server|service)"
_NO_PAGE = Notice(
    Reason.SOFT_404,
    "the page says that there is none",
    _any_of(
        rf"{_SORRY}(?: ?requested)? ?{_THING} (?:was|is|could|can)? ?(?:not|n't|'t) (?:be )?found",
        rf"{_SORRY} ?{_THING} (?:is )?(?:unavailable|no longer (?:exists|available))",
        rf"{_SORRY} ?{_THING} does(?:n't| not) exist",
        r"(?:http |error |erreur |fehler )*404(?: error)?|not found|nothing (?:was )?found|oops",
        r"(?:la )?page (?:introuvable|non trouvée|inexistante|est introuvable)|non trouvée?",
        r"(?:la )?página (?:no encontrada|no disponible|no existe)|no encontrad[ao]",
        r"страница не (?:найдена|существует)|не найден[оа]?",
        r"(?:لم يتم العثور على|لا توجد|تعذر العثور على) ?(?:هذه )?الصفحة",
        r"الصفحة (?:المطلوبة )?(?:غير موجودة|غير متاحة|غير متوفرة|لم يتم العثور عليها)",
        r"(?:页面|网页|頁面)(?:未找到|不存在|找不到|没有找到)|(?:未找到|找不到|没有找到)(?:该|此)?(?:页面|网页)",
        r"(?:រក)?មិន(?:ឃើញ|មាន)(?:ទំព័រ|អត្ថបទ).{0,12}|(?:ទំព័រ|អត្ថបទ).{0,20}(?:រកមិនឃើញ|មិនមាន).{0,12}",
    ),
    _any_of(
        rf"\b{_THING} (?:that )?you (?:are|were) (?:looking|searching) for\b.{{0,60}}{_LOST}",
        rf"\b{_THING} (?:that )?you(?:'ve| have)? (?:requested|tried to open)\b.{{0,60}}{_LOST}",
        rf"\brequested {_THING} (?:was|is|could|can|does|has|cannot|no longer)\b",
        rf"\b(?:could|can)(?:n't| ?not) (?:be )?f(?:i|ou)nd (?:the|that|this|your) (?:requested )?{_THING}",
        r"\bpage (?:que vous (?:avez demandée|recherchez|cherchez)|demandée) .{0,40}(?:n'|introuvable)",
        r"\bpágina (?:solicitada|que (?:busca|buscas|ha solicitado|está buscando)) .{0,40}\bno\b",
        r"\bpágina (?:solicitada|que (?:busca|buscas|ha solicitado)) no\b",
        r"(?:запрашиваемая|запрошенная|данная)(?: вами)? страница .{0,20}не (?:найдена|существует)",
        r"(?:запрашиваемая|запрошенная|данная)(?: вами)? страница не (?:найдена|существует)",
        r"الصفحة (?:المطلوبة|التي (?:تبحث|طلبت|تحاول)).{0,40}(?:غير|لم|لا|ليست)",
        r"(?:请求|访问|查找|寻找|浏览)的(?:页面|网页).{0,10}(?:不存在|未找到|找不到|已)",
        r"ទំព័រ(?:ដែល)?.{0,40}(?:រកមិនឃើញ|មិនមាន)",
    ),
)
_LOG_IN = Notice(
    Reason.LOGIN_WALL,
    "the page asks to log in",
    _any_of(
        r"(?:please )?(?:log|sign) ?in(?: to (?:continue|your account|read).{0,40})?",
        r"(?:member|user|subscriber|customer)(?:'?s'?)? (?:log ?in|sign ?in|account|area)",
        r"(?:log|sign) ?in or (?:register|sign ?up|create an account)|(?:register|sign ?up) or (?:log|sign) ?in",
        r"se connecter|connexion|identifiez-vous|(?:iniciar|inicio de|inicie) sesión",
        r"войти|вход(?: в систему)?|авторизация|تسجيل الدخول|登录|登入|用户登录|ចូល(?:ក្នុង)?គណនី|ចូលប្រើប្រាស់",
    ),
    _any_of(
        r"\b(?:please|you (?:must|need to|have to)(?: be)?) (?:log|sign)(?:ged|ed)? ?in\b.{0,20}\b(?:to|and|or)\b",
        r"\b(?:log|sign) ?in to (?:read|view|see|access|continue)\b",
        r"\byou are not authori[sz]ed to (?:access|view|see) this\b",
        r"\bvous devez (?:être connecté|vous connecter)|\bdebe iniciar sesión|необходимо войти",
        r"يجب (?:عليك )?تسجيل الدخول|请先?登录",
    ),
)
_CONSENT = Notice(
    Reason.SOFT_404,
    "the page asks for consent to cookies",
    _any_of(
        r"before you continue(?: to .{0,40})?|we (?:value|care about|respect) your privacy",
        r"your privacy(?: choices| matters)?|(?:manage |your )*(?:cookies?|consent|privacy)",
        r"(?:manage |your )*(?:cookies?|consent|privacy) (?:consent|settings|preferences|choices|notice|policy)",
        r"(?:nous respectons )?votre (?:vie privée|confidentialité)|avant de continuer|(?:su|tu) privacidad.{0,20}",
    ),
    _any_of(
        r"\b(?:we|this site|this website|we and our (?:\d+ )?partners)\b.{0,40}\b(?:use|store)s?\b.{0,40}\bcookies\b",
        r"\b(?:accept|reject) all cookies\b",
    ),
)
_MAINTENANCE = Notice(
    Reason.SERVER_ERROR,
    "the page says that the site is being maintained",
    _any_of(
        rf"(?:{_SITE} )?(?:is )?(?:currently |temporarily )?(?:down for|under|undergoing|in|closed for)"
        r" (?:scheduled |routine |planned )?maintenance(?: mode)?",
        r"(?:scheduled |planned |site |website )?maintenance(?: mode)?",
        r"(?:sorry,? )?we(?:'ll| will) be (?:right )?back(?: soon| shortly)?|be right back",
        rf"{_SITE} (?:is )?(?:currently |temporarily )?(?:off-?line|unavailable|down)",
        r"(?:503 )?service (?:temporarily )?unavailable",
        r"(?:le )?site (?:est )?en (?:cours de )?maintenance|(?:el )?sitio (?:está )?en mantenimiento|en mantenimiento",
        r"(?:ведутся )?технические работы|сайт (?:временно недоступен|на обслуживании)|(?:الموقع )?(?:تحت|قيد) الصيانة",
        r"(?:网站|系统)?(?:正在)?(?:维护|维护中)|(?:គេហទំព័រ)?.{0,12}(?:កំពុង)?ថែទាំ.{0,20}",
    ),
    _any_of(
        rf"\b{_SITE} is (?:currently |temporarily )?(?:down for|under|undergoing|performing) (?:\w+ )?maintenance",
        r"\bwe are (?:currently |temporarily )?(?:down for|undergoing|performing) (?:\w+ )?maintenance",
        r"\b(?:site|website) (?:is (?:currently |temporarily )(?:off-?line|unavailable)|will be back (?:soon|shortly))",
    ),
)
_DENIED = Notice(
    Reason.FORBIDDEN,
    "the page says that access is denied",
    _any_of(
        r"(?:error |http )?403(?: -)?(?: forbidden)?|forbidden|access (?:is )?(?:denied|forbidden)",
        r"accès (?:refusé|interdit)|acceso denegado|доступ (?:запрещен|запрещён|закрыт)|(?:تم )?رفض الوصول",
        r"访问被拒绝|拒绝访问",
    ),
    _any_of(
        r"\byou (?:do not|don't) have (?:permission|access) to (?:access|view|see)\b",
        r"\baccess to this (?:page|resource) is (?:denied|forbidden)\b",
    ),
)
NOTICES = (_NO_PAGE, _LOG_IN, _CONSENT, _MAINTENANCE, _DENIED)

EMPTY_LINE = _any_of(
    r"(?:loading|please wait|advertisements?|sponsored|no content|n/a|content goes here|lorem ipsum.*)[\s.…!:]*",
    r"(?:javascript is (?:required|disabled)|(?:please )?enable javascript).{0,60}",
)
"""A line that stands where the text should, and is none."""

_JOIN = r"(?:please )?(?:subscribe|log ?in|sign ?(?:in|up)|register|join|become an? (?:member|subscriber)|contact)"
_ALL = r"(?:full|whole|entire|complete|rest)"
_TEXT = r"(?:article|story|content|text|report)"
PAYWALL_LINE = _any_of(
    rf"{_JOIN}\b.{{0,60}}\b(?:to (?:continue|keep) reading|continue reading)\b.{{0,40}}",
    rf"{_JOIN}\b.{{0,60}}\b(?:read|access|unlock|view|see|get|for)(?: \w+)? {_ALL}\b.{{0,40}}",
    rf"(?:to (?:continue|keep) reading|to read (?:on|more|the (?:full|whole|rest))\b.{{0,40}}),? {_JOIN}\b.{{0,60}}",
    rf"(?:this|the full|the rest of (?:this|the)) {_TEXT} is (?:only )?(?:available |reserved |exclusive(?:ly)? )?"
    r"(?:only )?(?:for|to) (?:\w+ )?(?:subscribers|members|registered users)\b.{0,40}",
    rf"(?:this {_TEXT} is )?(?:for )?(?:subscribers|members)[- ]only(?: {_TEXT})?[\s.…!]*",
    r"already a (?:subscriber|member)\?.{0,60}",
    r"you(?:'ve| have) (?:reached|read|used) (?:all (?:of )?)?your.{0,40}\b(?:limit|free (?:articles|stories)).{0,60}",
    r"continue reading (?:with|by|after) .{0,60}(?:subscri|trial|account|log|sign).{0,40}",
    r"(?:la suite|cet article|l'article complet) est réservée? (?:aux|à nos) abonnés.{0,40}",
    r"(?:contenido|artículo) (?:exclusivo|solo) para suscriptores.{0,40}",
)
"""A line that says, and says nothing else, that the rest of the article costs something."""
