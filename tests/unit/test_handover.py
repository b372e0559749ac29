"""The settings that the daemon hands to a child: nothing of them is lost, and what is not theirs is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.desk import open_desk
from app.handover import handed_over, taken_over
from core.errors import ConfigError

ROOT = Path(__file__).parents[2]
SECRETS = {"TONLE_SMTP_USER": "tonle", "TONLE_SMTP_PASSWORD": "open-sesame", "TONLE_UNSUBSCRIBE_KEY": "k" * 40}
CHANNEL = {"TONLE_CHANNEL_CHAT": "apprise://of-the-chat", "TONLE_CONTACT": "desk@example.org"}
FULL = r"""
data: elsewhere
sources:
  ohchr: {every: 90m, delay: 6.5s, pages: 2, relevance: all}
  ohchr-cambodia: {cron: "5 * * * *", relevance: {by: listing, any: [land]}}
  river-watch: {options: {desk: land news}}
  phnom-penh-post: {enabled: false}
groups: {places: [Kampot, Takeo], land: [land*, "@places"]}
rules:
  - {name: land, query: '@land AND "court of appeal"'}
  - {name: edits, any: [{all: [prison, visit]}, "@land"], near: {within: 5, of: [school, closed]}, on: [edits]}
  - {name: inflected, inflect: true, any: [evict], sources: [ohchr], languages: [en]}
channels:
  chat: {kind: apprise}
  folder: {kind: file, folder: sent}
subscribers:
  - {name: ann, to: ann@example.org, schedule: [immediate, weekdays 07:30], quiet: 22:00-06:00, rules: land}
  - {name: bo, channel: chat, schedule: weekly monday 8:00}
unsubscribe: {url: "https://news.example.org/leave"}
operator: {channel: smtp, to: [desk@example.org], heartbeat: "08:00"}
mail: {timeout: 0.5s}
crawl: {revisit_after: [1h, 2.25d], memory: 900MB, processes: 2}
retention: {runs: always, marks: 60d}
log: {file: tonle.log, level: debug}
metrics: {listen: "127.0.0.1:9464"}
doctor: {backups: backups}
"""
SITE = r"""
name: river-watch
title: River Watch
home: https://river.example.org
hosts: [river.example.org]
zone: Asia/Phnom_Penh
language: en
since: 2004-05-06
discovery:
  - {via: section, url: "/{desk}/{section}?p={page}", sections: [a, b], card: li}
  - {via: sitemap, url: /sitemap.xml, follow: "news-\\d+"}
addresses: {include: ["/story/(?P<slug>[^/]+)"], identity: slug}
layouts:
  - {name: new, from: 2020-01-01, body: [article], drop_text: ['(?i)read more']}
  - {name: old, until: 2019-12-31, body: [main]}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(FULL)
    for folder, name, text in (("sites", "river-watch", SITE), ("rules", "alone", 'query: "@places NEAR/3 flood*"')):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.yaml").write_text(text)
    return path


def test_nothing_of_the_settings_that_come_with_the_program_is_lost() -> None:
    desk = open_desk(ROOT / "config.yaml", {})
    assert taken_over(handed_over(desk)) == replace(desk, begins=False)


def test_nothing_is_lost_of_settings_that_say_much_secrets_rules_and_sites_among_them(settings: Path) -> None:
    desk = open_desk(settings, SECRETS | CHANNEL)
    taken = taken_over(handed_over(desk))
    assert [rule.wanted for rule in taken.config.rules] == [rule.wanted for rule in desk.config.rules]
    assert taken == replace(desk, begins=False)
    assert list(taken.sites) == list(desk.sites)
    assert {name: site.fingerprint for name, site in taken.sites.items()} == {
        name: site.fingerprint for name, site in desk.sites.items()
    }
    assert set(taken.config.secrets) == {"open-sesame", "k" * 40, "apprise://of-the-chat"}


def test_what_the_files_say_by_now_is_not_asked_for(settings: Path) -> None:
    desk = open_desk(settings, SECRETS | CHANNEL)
    handed = handed_over(desk)
    for path in (settings, *settings.parent.glob("*/*.yaml")):
        path.write_text("nonsense: [")
    assert taken_over(handed) == replace(desk, begins=False)


def test_settings_of_another_program_are_refused_and_not_shown(settings: Path) -> None:
    handed = json.loads(handed_over(open_desk(settings, SECRETS | CHANNEL)))
    handed["config"]["mail"]["passphrase"] = handed["config"]["mail"].pop("password")
    with pytest.raises(ConfigError, match=r"config\.mail\.passphrase.*start the daemon anew") as refused:
        taken_over(json.dumps(handed))
    assert "open-sesame" not in str(refused.value)
