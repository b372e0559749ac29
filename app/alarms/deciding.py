"""What becomes of troubles by what looks wrong now, and of what the operator is told. Pure.

An operator who is written to too often reads nothing any more, and one who is told nothing trusts silence. So:

- A trouble is told when it opens, and its end when it has stayed away for a while (`calm`): one good look among bad
  ones ends nothing.
- What comes back within a week of its last end is told again, and then has to stay away for a whole day: whatever
  comes and goes, in any rhythm, causes one alarm and one all-clear a day at most.
- What gets worse (a source that was quiet is broken, a disk that was low is full) is told at once: there are two
  gravities.
- Another cause that is no worse is told where it was not told before in this trouble, a day after the last report: a
  server that fails now by time-out and now by 503 is one trouble, and one that went from a challenge to a forbidding
  robots.txt needs other things done.
- More of the same (another job that fails, another file that is missing) is told likewise, a day after the last
  report: one thing that stays wrong for months would hide all that befalls the same part meanwhile.
- What was told and has been away for a day is news again when it comes back, however long the trouble lasts.
- What gets less bad is no news: the all-clear will be.

Times are compared by their distance, so that a clock that was put back neither holds up an end nor a report for long.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.trouble import Event, Subject, Symptom, Trouble

A_DAY = timedelta(days=1)
AGAIN = timedelta(days=7)
"""What comes back within so long of its end is the kind that comes and goes."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found at a look: of each subject that was looked at what is wrong, None for nothing.

    calm: for how long nothing may be wrong with a subject before its trouble is over. gone: subjects of which nothing
    is to be said any more, as a source that was switched off.
    """

    found: Mapping[Subject, Symptom | None]
    calm: Mapping[Subject, timedelta]
    gone: frozenset[Subject] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """A trouble as it stands now; event: what is to be reported of it, None for nothing."""

    trouble: Trouble
    event: Event | None = None


def decide(
    known: Mapping[Subject, Trouble], ends: Mapping[Subject, datetime], looked: Looked, now: datetime
) -> Iterator[Step]:
    """Yield what changes: known are the open troubles, ends when subjects were last well again, see AGAIN."""
    for subject, symptom in looked.found.items():
        if symptom and subject not in known:
            yield Step(_opened(subject, symptom, now), Event.OPENED)
    for subject, trouble in known.items():
        symptom = looked.found.get(subject)
        if symptom is not None:
            step = _lasting(trouble, symptom, now)
        elif subject in looked.gone:
            step = Step(replace(trouble, ended_at=now))
        elif subject in looked.found or trouble.well_since:
            step = _well(trouble, _calm(trouble, ends, looked), now)
        else:
            continue  # nobody looked at it
        if step.trouble != trouble or step.event:
            yield step


def _opened(subject: Subject, symptom: Symptom, now: datetime) -> Trouble:
    return Trouble(
        subject=subject,
        cause=symptom.cause,
        gravity=symptom.gravity,
        reasons=symptom.reasons,
        opened_at=now,
        told=(symptom.cause, *symptom.marks),
        worst=symptom.gravity,
        reported_at=now,
    )


def _lasting(trouble: Trouble, symptom: Symptom, now: datetime) -> Step:
    stands = replace(
        _remembered(trouble, symptom, now),
        cause=symptom.cause,
        gravity=symptom.gravity,
        reasons=symptom.reasons,
        well_since=None,
    )
    reported = replace(
        stands,
        told=tuple(dict.fromkeys((*stands.told, symptom.cause, *symptom.marks))),
        worst=max(stands.worst, symptom.gravity),
        reported_at=now,
    )
    if symptom.gravity > stands.worst:
        return Step(reported, Event.WORSE)
    if abs(now - trouble.reported_at) >= A_DAY:
        if symptom.cause not in stands.told:
            return Step(reported, Event.CHANGED)
        if not set(symptom.marks) <= set(stands.told):
            return Step(reported, Event.GREW)
    return Step(stands)


def _remembered(trouble: Trouble, symptom: Symptom, now: datetime) -> Trouble:
    """Return a trouble without what was told and has been away for a day; what is left is as grave as it is now.

    Since when something is away is noted once, when it goes: where nothing changes there is nothing to write.
    """
    here, before = {symptom.cause, *symptom.marks}, dict(trouble.away)
    away = {name: before.get(name, now) for name in trouble.told if name not in here}
    lately = {name: since for name, since in away.items() if abs(now - since) < A_DAY}
    told = tuple(name for name in trouble.told if name in here or name in lately)
    worst = trouble.worst if lately else min(trouble.worst, symptom.gravity)
    return replace(trouble, told=told, worst=worst, away=tuple(lately.items()))


def _well(trouble: Trouble, calm: timedelta, now: datetime) -> Step:
    since = min(trouble.well_since or now, now)
    if trouble.well_since and now - since >= calm:
        return Step(replace(trouble, well_since=since, ended_at=since), Event.ENDED)
    return Step(replace(trouble, well_since=since))


def _calm(trouble: Trouble, ends: Mapping[Subject, datetime], looked: Looked) -> timedelta:
    before = ends.get(trouble.subject)
    if before is not None and abs(trouble.opened_at - before) <= AGAIN:
        return A_DAY
    return looked.calm.get(trouble.subject, A_DAY)
