"""Pages that answer 200 and are no article; and articles that speak of such pages, which stay articles."""

from collections.abc import Callable

import pytest

from core.model import Draft, Page, Reason, Skipped
from core.site import Site, unknown_site
from pipelines.process import process

BuildPage = Callable[..., Page]
Html = Callable[..., str]
POST = "https://www.phnompenhpost.com"
RELEASE = "https://www.ohchr.org/en/press-releases/2026/02/experts-call-for-open-courts"
STORY = "<p>The well in Ta Prok has run dry, and the women walk to the quarry at four in the morning.</p>"
LONG = "".join(
    f"<p>Sentence number {number} of the story tells what the village said of its wells.</p>" for number in range(12)
)
TEASERS = "".join(
    f"<div class='more-item'><a href='/national/story-{number}'>Story number {number}</a> The first words of it</div>"
    for number in range(14)
)
HEADLINE = "Wells run dry in Kandal"


def reason_of(result: Draft | Skipped) -> Reason | None:
    return result.reason if isinstance(result, Skipped) else None


def shell(body: str, title: str = "Phnom Penh Post", head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


FRONT_OF_THE_CMS = shell(f"<div class='article-text'><p>The lead story in two lines, cut short</p></div>{TEASERS}")
"""The front page's first story stands in the element in which an article has its body."""


@pytest.mark.parametrize(
    "front",
    [
        FRONT_OF_THE_CMS,
        FRONT_OF_THE_CMS.replace("<title>Phnom Penh Post<", "<title>Cambodia news | Phnom Penh Post<"),
        FRONT_OF_THE_CMS.replace("<body>", "<body><h1>Phnom Penh Post</h1>"),
        FRONT_OF_THE_CMS.replace(
            "<title>Phnom Penh Post</title>", f"<title>News</title><link rel='canonical' href='{POST}/'>"
        ).replace("<body>", "<body><h1>Top of the day</h1>"),
        shell(f"<div class='article-text'>{TEASERS}</div>", "Home"),
        shell(f"<div class='home-page'><div class='article-text'>{LONG}</div></div>", "Home"),
    ],
)
@pytest.mark.parametrize("path", ["/national/dry-wells", "/index.php/2012050155/National-news/old-story.html"])
def test_the_front_page_in_an_articles_design_is_no_article(page: BuildPage, post: Site, front: str, path: str) -> None:
    assert reason_of(process(page(front, path), post)) is Reason.SOFT_404


@pytest.mark.parametrize("path", ["", "/", "/national", "/national?page=3", "/sitemap.xml"])
def test_what_stands_at_the_address_of_a_listing_is_no_article(
    page: BuildPage, post: Site, cms: Html, path: str
) -> None:
    answer = page(FRONT_OF_THE_CMS if path in {"", "/"} else cms(STORY), POST + path)
    assert reason_of(process(answer, post)) is Reason.SOFT_404


@pytest.mark.parametrize("title", ["Latest", "Press releases", "Experts call for open courts"])
def test_a_listing_in_place_of_a_release_is_no_release(page: BuildPage, ohchr: Site, release: Html, title: str) -> None:
    cards = "".join(
        f"<div><p>25 February 2026</p><a href='/en/press-releases/2026/02/release-{number}'>Release {number} of the"
        f" office</a><p>Its first sentence is here and ends</p></div>"
        for number in range(14)
    )
    answer = page(release(cards, title=title), RELEASE.replace("experts-call-for-open-courts", "gone"))
    result = process(answer, ohchr)
    assert reason_of(result) is Reason.SOFT_404


def test_an_article_that_links_to_a_dozen_others_is_an_article(page: BuildPage, ohchr: Site, release: Html) -> None:
    links = "".join(
        f"<p>In a statement of month {number}, the experts had <a href='/en/statements/2026/02/no-{number}'>called</a>"
        " on the courts to open their doors, and had heard that this would take time and money.</p>"
        for number in range(14)
    )
    answer = page(release(links, title="A year of statements"), RELEASE.replace("experts-call-for-open-courts", "a12"))
    assert isinstance(process(answer, ohchr), Draft)


@pytest.mark.parametrize(
    "destination",
    ["/", "/national", "/search/node/dry", "/sites/default", "https://m.phnompenhpost.com/"],
)
def test_a_story_that_was_redirected_to_what_is_no_story_is_gone(
    page: BuildPage, post: Site, cms: Html, destination: str
) -> None:
    result = process(page(cms(STORY), destination, requested_url=f"{POST}/national/dry-wells"), post)
    assert reason_of(result) is Reason.SOFT_404


@pytest.mark.parametrize("destination", ["/user/login?destination=national/dry-wells", "/login", "/account/sign-in"])
def test_a_story_that_was_redirected_to_a_log_in_is_behind_a_wall(
    page: BuildPage, post: Site, cms: Html, destination: str
) -> None:
    answer = page(cms(STORY), "/users" + destination, requested_url=f"{POST}/national/dry-wells")
    assert reason_of(process(answer, post)) is Reason.LOGIN_WALL


NOT_FOUND = [
    ("Page not found", "The requested page could not be found."),
    ("404", "Sorry!"),
    ("404 - Page Not Found", "Go home"),
    ("Error 404: Not Found", ""),
    ("Oops! That page can’t be found.", "It looks like nothing was found at this location. Maybe try a search?"),
    ("OHCHR", "The page you are looking for is no longer here. It may have been moved."),
    ("OHCHR", "We could not find the page you asked for"),
    ("Page introuvable", "La page demandée n’existe pas."),
    ("OHCHR", "La page que vous recherchez est introuvable."),
    ("Página no encontrada", "La página solicitada no existe."),
    ("OHCHR", "La página que busca ya no existe."),
    ("Страница не найдена", "Запрашиваемая страница не найдена."),
    ("الصفحة غير موجودة", "الصفحة المطلوبة غير موجودة."),
    ("لم يتم العثور على الصفحة", ""),
    ("页面未找到", "您请求的页面不存在。"),
    ("找不到页面", "请返回首页"),
    ("រកមិនឃើញទំព័រ", "ទំព័រដែលអ្នកស្វែងរកមិនមានទេ។"),
    ("រក\u200bមិនឃើញ\u200bទំព័រ\u200bនេះ", "ត្រឡប់ទៅទំព័រដើម"),
]
WALLS = [
    ("Log in", "User name", Reason.LOGIN_WALL),
    ("User account", "Please log in to continue.", Reason.LOGIN_WALL),
    ("Member Login", "Enter your e-mail and we will send you a link.", Reason.LOGIN_WALL),
    ("OHCHR", "You must be logged in to view this page.", Reason.LOGIN_WALL),
    ("Connexion", "Votre adresse", Reason.LOGIN_WALL),
    ("登录", "用户名", Reason.LOGIN_WALL),
    ("ចូលគណនី", "អ៊ីមែល", Reason.LOGIN_WALL),
    ("Before you continue to OHCHR", "We use cookies and data to keep services running.", Reason.SOFT_404),
    ("We value your privacy", "We and our 842 partners store and use cookies on your device.", Reason.SOFT_404),
    ("Cookie preferences", "Accept all cookies", Reason.SOFT_404),
    ("Site under maintenance", "We will be back soon.", Reason.SERVER_ERROR),
    ("We’ll be right back", "Thanks for your patience.", Reason.SERVER_ERROR),
    ("503 Service Temporarily Unavailable", "nginx", Reason.SERVER_ERROR),
    ("OHCHR", "This website is currently undergoing scheduled maintenance.", Reason.SERVER_ERROR),
    ("Site en maintenance", "Revenez plus tard.", Reason.SERVER_ERROR),
    ("En mantenimiento", "", Reason.SERVER_ERROR),
    ("Технические работы", "Мы скоро вернемся.", Reason.SERVER_ERROR),
    ("الموقع تحت الصيانة", "سنعود قريبا", Reason.SERVER_ERROR),
    ("网站维护中", "请稍后再试", Reason.SERVER_ERROR),
    ("គេហទំព័រកំពុងថែទាំ", "សូមត្រឡប់មកវិញ", Reason.SERVER_ERROR),
    ("Access denied", "You do not have permission to view this page.", Reason.FORBIDDEN),
    ("403 Forbidden", "nginx", Reason.FORBIDDEN),
]


@pytest.mark.parametrize(
    ("title", "text", "reason"), [*((title, text, Reason.SOFT_404) for title, text in NOT_FOUND), *WALLS]
)
def test_a_notice_in_an_articles_design_is_no_article(
    page: BuildPage, ohchr: Site, release: Html, title: str, text: str, reason: Reason
) -> None:
    html = release(f"<p>{text}</p>", title=title, head="")
    assert reason_of(process(page(html, RELEASE), ohchr)) is reason
    in_window = html.replace(f"<h1>{title}</h1>", "")
    assert reason_of(process(page(in_window, RELEASE), ohchr)) in {reason, None if text else Reason.NO_BODY}


@pytest.mark.parametrize(
    ("title", "text", "reason"), [*((title, text, Reason.SOFT_404) for title, text in NOT_FOUND), *WALLS]
)
def test_a_notice_on_a_page_of_unknown_design_is_told_by_its_reason(
    page: BuildPage, title: str, text: str, reason: Reason
) -> None:
    html = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    assert reason_of(process(page(html, "https://unknown.example/a"), unknown_site())) in {reason, Reason.NO_BODY}


@pytest.mark.parametrize("title", [*(title for title, _ in NOT_FOUND), *(title for title, _, _ in WALLS)])
def test_a_long_text_under_such_a_headline_is_an_article(
    page: BuildPage, ohchr: Site, release: Html, title: str
) -> None:
    assert isinstance(process(page(release(LONG, title=title), RELEASE), ohchr), Draft)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Page not found: how a province lost its archive", "The page was torn out in 1979."),
        ("Log in the river stops a ferry", "A log in the water stopped the ferry to Kratie on Monday."),
        (
            "Experts call for open courts",
            "The page that you are looking for in the register is not there, a clerk said.",
        ),
        ("Experts call for open courts", "You must log in to see the register, the clerk said, and then it is gone."),
        ("Temple to close for maintenance", "The temple is down for maintenance until May."),
        ("We value your privacy, ministry tells voters", "The ministry said that it uses no cookies."),
        ("Access denied to prison, monitors say", "You do not have access to view this, a guard had told them."),
        ("404 families wait for land", "The families came in May."),
        ("Not found guilty", "The court freed him."),
    ],
)
def test_a_short_article_that_speaks_of_such_pages_is_an_article(
    page: BuildPage, ohchr: Site, release: Html, title: str, text: str
) -> None:
    slug = "-".join(word.strip(":,").lower() for word in title.split())
    answer = page(release(f"<p>{text}</p>", title=title), RELEASE.replace("experts-call-for-open-courts", slug))
    assert isinstance(process(answer, ohchr), Draft)


@pytest.mark.parametrize(
    "line",
    [
        "Contact Phnom Penh Post for full article",
        "Subscribe to read the full article",
        "Please subscribe to continue reading.",
        "To continue reading, subscribe or log in",
        "To read the full story, please sign in.",
        "Log in to keep reading",
        "This article is for subscribers only",
        "This article is only available to registered users.",
        "The rest of this article is reserved for members.",
        "Subscribers only",
        "Already a subscriber? Log in",
        "You have reached your limit of free articles this month.",
        "Become a member to unlock the full story",
        "Register now to read the rest of this report",
        "La suite est réservée aux abonnés",
    ],
)
@pytest.mark.parametrize("below", ["", "<p>National</p>"])
def test_the_beginning_of_an_article_that_costs_something_is_not_kept(
    page: BuildPage, post: Site, cms: Html, line: str, below: str
) -> None:
    answer = page(cms(f"{STORY}<p>{line}</p>{below}", title=HEADLINE), "/national/wells-run-dry-in-kandal")
    assert reason_of(process(answer, post)) is Reason.PAYWALL


@pytest.mark.parametrize(
    "line",
    [
        "Readers must subscribe to read the full article, the editor said, and few of them do.",
        "“Subscribe to read the full story,” said the note on the door of the old press house in Battambang.",
        "He was asked to register to get the full amount of what he was owed.",
        "Subscribe to our newsletter",
        "Contact author: Keo Rathana",
        "The full article of the law is for members of the assembly to change.",
    ],
)
def test_an_article_that_ends_with_words_about_subscribers_is_whole(
    page: BuildPage, post: Site, cms: Html, line: str
) -> None:
    answer = page(cms(f"{STORY}<p>{line}</p>", title=HEADLINE), "/national/wells-run-dry-in-kandal")
    assert isinstance(process(answer, post), Draft)


def test_a_whole_article_with_an_offer_below_it_is_kept(page: BuildPage, post: Site, cms: Html) -> None:
    answer = page(cms(f"{LONG * 3}<p>Subscribe to read the full article</p>", title=HEADLINE), "/national/x-y")
    assert isinstance(process(answer, post), Draft)


@pytest.mark.parametrize(
    "text", ["", "Loading…", "Please wait", "Advertisement", "&nbsp;", "Loading...</p><p>Advertisement"]
)
def test_an_empty_design_is_no_article(page: BuildPage, post: Site, cms: Html, text: str) -> None:
    answer = page(cms(f"<p>{text}</p>", title=HEADLINE), "/national/wells-run-dry-in-kandal")
    assert reason_of(process(answer, post)) is Reason.NO_BODY


def test_another_story_at_a_dead_address_is_told_by_its_canonical_link_and_headline(
    page: BuildPage, post: Site, cms: Html
) -> None:
    other = f"<link rel='canonical' href='{POST}/national/wells-run-dry-in-kandal'>"
    html = cms(STORY, title=HEADLINE).replace("<title>", f"{other}<title>")
    dead = process(page(html, "/national/rice-prices-rise-in-takeo"), post)
    assert dead == Skipped(
        Reason.SOFT_404, f"another story stands at this address: {POST}/national/wells-run-dry-in-kandal"
    )


@pytest.mark.parametrize("path", ["/national/rice-prices-rise", "/national/2026-2-27-0840-12345"])
def test_a_template_that_names_one_story_on_every_page_is_not_believed(
    page: BuildPage, post: Site, cms: Html, path: str
) -> None:
    fixed = f"<link rel='canonical' href='{POST}/national/a-story-of-old'><title>"
    draft = process(page(cms(STORY, title="Rice prices rise").replace("<title>", fixed), path), post)
    assert isinstance(draft, Draft)
    assert draft.key == path.rpartition("/")[2]


@pytest.mark.parametrize("home", [POST, f"{POST}/", "/"])
def test_a_template_that_names_the_front_page_on_every_page_is_not_believed(
    page: BuildPage, post: Site, cms: Html, home: str
) -> None:
    fixed = f"<link rel='canonical' href='{home}'><title>"
    for body in (STORY, LONG):
        answer = page(
            cms(body, title=HEADLINE, below=TEASERS).replace("<title>", fixed), "/national/wells-run-dry-in-kandal"
        )
        assert isinstance(process(answer, post), Draft)


CHALLENGES = [
    shell("<script>window._cf_chl_opt={cvId:'3'};</script><p>Verify you are human</p>", "phnompenhpost.com"),
    *(shell("<p>Wait</p>", title) for title in ("Un instant…", "Un momento…", "Один момент…", "请稍候…", "لحظة…")),
    shell("<p>Checking your browser before accessing the site.</p>", "Just a moment..."),
    shell("<p>Incident</p>", "Attention Required! | Cloudflare"),
]


@pytest.mark.parametrize("body", CHALLENGES)
@pytest.mark.parametrize("status", [200, 403])
def test_a_challenge_is_one_in_every_language_whatever_its_status(
    page: BuildPage, post: Site, body: str, status: int
) -> None:
    assert reason_of(process(page(body, status=status), post)) is Reason.CHALLENGE


def test_a_challenge_is_told_by_the_header_that_says_so(page: BuildPage, post: Site, cms: Html) -> None:
    headers = {"content-type": "text/html", "cf-mitigated": "challenge"}
    assert reason_of(process(page(cms(STORY), headers=headers), post)) is Reason.CHALLENGE


def test_an_article_about_challenges_behind_cloudflare_is_an_article(page: BuildPage, post: Site, cms: Html) -> None:
    told = "<p>The page said _cf_chl_opt and challenges.cloudflare.com, and “Just a moment…” before it failed.</p>"
    script = "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script></body>"
    answer = page(cms(told, title="Un instant: a film about waiting").replace("</body>", script))
    assert isinstance(process(answer, post), Draft)
