"""铺开: ordinary work around the story, from the pack's lines; most of it under way, some in every kind of trouble.

Everything comes from one seed, so that two builds of one day are equal. The only figures are percents of progress.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from luoshi.packs.demo.script import Script, Track
from luoshi.packs.demo.told import Rows
from luoshi.packs.schema.parts import Level
from luoshi.packs.schema.story import Story, WorkLine

SEED = "luoshi-2024"
BODY_CLOSED, BODY_WAITS = "green_living", "biological_resources"
"""Lines that stay with a provincial unit and are verified by the independent body: one is closed, one waits for it."""
FEW = 6
"""To how many other prefectures than the story's a matter's further lines go."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How far the work goes: to which depth everywhere, and in the prefecture of the story.

    ``accepted_counties`` are codes (or their beginnings) whose villages have their work accepted and reported;
    ``code_prefixes``, if any, limit the tree.
    """

    name: str
    lines: int = 99
    below_county: bool = True
    every_village: bool = False
    accepted_counties: tuple[str, ...] = ("530403",)
    code_prefixes: tuple[str, ...] = ()


@dataclass(slots=True)
class Chain:
    """Who acts on a leaf: its handler, the issuing side, an independent verifier, the unit above for it."""

    handler: str
    boss: str
    verifier: str
    proxy: str = ""


@dataclass(slots=True)
class Work:
    """Plans the ordinary work of one build."""

    script: Script
    story: Story
    rows: Rows
    scale: Scale
    body_post: str
    picks: int = 0

    def plan(self) -> None:
        """Plan every line."""
        main = self._main_lines()
        keys = {line.key for line in main}
        others = [line for line in self.story.lines if line.key not in keys]
        for number, line in enumerate((*main, *others)[: self.scale.lines]):
            root, head = self._line(line, main=line.key in keys)
            if number in WAITS_FOR_PROVINCE:
                WAITS_FOR_PROVINCE[number](self, root, head)

    def _main_lines(self) -> list[WorkLine]:
        """One line a matter that goes to every county: the one with village duties, else the one that goes deepest."""
        chosen = []
        for number in sorted(self.rows.matters):
            lines = [line for line in self.story.lines if line.matter == number]
            lines.sort(key=lambda one: (one.key not in self.story.village_lines, -len(one.titles)))
            chosen += lines[:1]
        return chosen

    # --- a line, from the province down --------------------------------------------------------------------------

    def _line(self, line: WorkLine, *, main: bool) -> tuple[Track, str]:
        """Plan one line; gives its root and the post that leads it."""
        script, stage = self.script, self.script.stage
        rng = random.Random(f"{SEED}:{line.key}")  # noqa: S311 - invented work, no secret
        province = stage.province
        office = stage.post(stage.departments[province.code, "supervision"], "office")
        lead = stage.departments[province.code, line.department]
        head = stage.post(lead, "head")
        root = Track(
            lead, script.moment(-rng.randint(312, 325), rng.randrange(300)), rng.choice((45, 60, 90, 120, 200))
        )
        script.draft(
            root,
            office,
            root.now,
            title=line.titles["province"],
            requirement=line.requirement,
            criteria=line.criteria,
            due_on=script.day(root.due),
            **self.rows.of_item(line.matter, line.sub_matter),
        )
        script.act(root, head, "accept_commitment", script.step(root, rng, 1, 3))
        if line.key in (BODY_CLOSED, BODY_WAITS):
            self._provincial(line, root, head, office, rng)
            return root, head
        reached = stage.below[province.pk]
        if not main and len(reached) > FEW:
            others = [unit for unit in reached if unit.code != self.story.prefecture]
            reached = [stage.areas[self.story.prefecture], *rng.sample(others, FEW)]
        parts = [Track(unit, root.now, root.due) for unit in reached]
        at = script.step(root, rng, 2, 8)
        script.break_down(
            root,
            head,
            parts,
            at,
            units=[unit.pk for unit in reached],
            title=_title(line, "prefecture"),
            due_on=script.day(root.due),
            accept_days=7,
        )
        audit = stage.post(stage.departments[province.code, "audit"], "verifier")
        self._reports(root, line, head, rng, (rng.randrange(40, 76, 5),))
        for part in parts:
            part.now = at
            chain = Chain(stage.post(part.unit, "handler"), head, audit)
            if main and stage.below.get(part.unit.pk):
                self._prefecture(line, part, chain, rng)
            else:
                self._leaf(line, part, chain, rng)
        return root, head

    def _question(self, root: Track, head: str) -> None:
        """A provincial department asks; the province's office owes the reply and is late with it."""
        at = self.script.moment(-6, 40)
        question = "两个州市交界处的实施范围以哪份规划为准，请明确。"
        self.script.act(root, head, "raise_request", at, question=question, reply_by_on=self.script.day(-2))

    def _wish(self, root: Track, head: str) -> None:
        """A provincial department asks for a later date; the province's office has to decide."""
        at, later = self.script.moment(-2, 90), self.script.day(root.due + 20)
        self.script.act(root, head, "ask_extension", at, new_due_on=later, reason="雨季影响，野外工作顺延二十天。")

    def _provincial(self, line: WorkLine, root: Track, head: str, office: str, rng: random.Random) -> None:
        script = self.script
        self._reports(root, line, head, rng, (40, 80, 100))
        script.act(
            root, head, "apply_for_closure", script.step(root, rng, 2, 5), statement="逐条对照标准自查完成，申请销号。"
        )
        self._verify(root, self.body_post, rng, passed=True, percent=100, final=True)
        if line.key == BODY_CLOSED:
            script.act(
                root, office, "close_commitment", script.step(root, rng, 2, 5), opinion=self._say("closings", rng)
            )

    def _prefecture(self, line: WorkLine, part: Track, chain: Chain, rng: random.Random) -> None:
        """A prefecture that breaks the work down to all its counties."""
        script, stage = self.script, self.script.stage
        script.act(part, chain.handler, "accept_commitment", script.step(part, rng, 1, 4))
        head = stage.post(part.unit, "head")
        audit = stage.post(stage.departments[part.unit.code, "audit"], "verifier")
        counties = [Track(unit, part.now) for unit in stage.below[part.unit.pk]]
        at = script.step(part, rng, 2, 9)
        due = rng.choices((rng.randint(-40, -3), rng.randint(1, 4), rng.randint(14, part.due)), (12, 8, 80))[0]
        own = part.unit.code == self.story.prefecture
        due = rng.randint(14, part.due) if own or self.scale.every_village else min(due, part.due)
        script.break_down(part, head, counties, at, title=_title(line, "county"), due_on=script.day(due))
        self._reports(part, line, chain.handler, rng, (rng.randrange(40, 81, 5),))
        for county in counties:
            county.now, county.due = at, due
            below = Chain(stage.post(county.unit, "handler"), head, audit, chain.handler)
            told = county.unit.code == self.scale.accepted_counties[0][:6] or line.key in self.story.village_lines
            deep = (own or self.scale.every_village) and told and self.scale.below_county and "township" in line.titles
            if deep and stage.below.get(county.unit.pk):
                self._county(line, county, below, rng)
            else:
                self._leaf(line, county, below, rng, special=True)

    def _county(self, line: WorkLine, county: Track, chain: Chain, rng: random.Random) -> None:
        """A county that goes on to its townships, and to the villages where they have a duty."""
        script, stage = self.script, self.script.stage
        script.act(county, chain.handler, "accept_commitment", script.step(county, rng, 1, 4))
        head = stage.post(county.unit, "head")
        villages = line.key in self.story.village_lines
        if villages and county.unit.code != self.scale.accepted_counties[0][:6]:
            self._reports(county, line, chain.handler, rng, (rng.randrange(30, 86, 5),))
            self._two_levels(line, county, chain, head, rng)
            return
        at = script.step(county, rng, 3, 12)
        towns = [Track(unit, at, county.due) for unit in stage.below[county.unit.pk]]
        title, due = _title(line, "township"), script.day(county.due)
        script.break_down(county, head, towns, at, title=title, due_on=due)
        self._reports(county, line, chain.handler, rng, (rng.randrange(30, 86, 5),))
        for town in towns:
            town.now = at
            handler = stage.post(town.unit, "handler")
            if villages and stage.below.get(town.unit.pk):
                self._township(line, town, handler, rng, waits=town is towns[0])
            else:
                self._leaf(line, town, Chain(handler, head, chain.verifier, chain.handler), rng, closes=0.1)

    def _two_levels(self, line: WorkLine, county: Track, chain: Chain, head: str, rng: random.Random) -> None:
        """Townships and villages in one act, lately, with the recorded approval of exactly these units."""
        script = self.script
        at = script.moment(-2, rng.randrange(300))
        due = script.day(county.due)
        opinion = "同意一次分解到村，不另加报表。"
        script.act(county, chain.boss, "approve_breakdown", at, levels=2, due_on=due, opinion=opinion)
        title = _title(line, "village")
        script.break_down(
            county, head, (), at + timedelta(minutes=50), levels=2, title=title, due_on=due,
            counted_with_parent=True,
        )  # fmt: skip

    def _township(self, line: WorkLine, town: Track, handler: str, rng: random.Random, *, waits: bool) -> None:
        """A township that breaks the work down to its villages and answers for them（代填）; one may still wait."""
        script, stage = self.script, self.script.stage
        script.act(town, handler, "accept_commitment", script.step(town, rng, 1, 4))
        busy = town.unit.code.startswith(self.scale.accepted_counties)
        at = (
            script.step(town, rng, 3, 20)
            if busy
            else max(script.moment(-2, rng.randrange(400)), town.now + timedelta(hours=1))
        )
        town.now = at
        villages = [Track(unit, at, town.due) for unit in stage.below[town.unit.pk]]
        due = script.day(town.due)
        script.break_down(
            town, handler, villages, at, title=_title(line, "village"), due_on=due, counted_with_parent=True
        )
        if not busy:
            return
        for village in villages[: -1 if waits else None]:
            village.now = at
            script.act(village, handler, "accept_commitment", script.step(village, rng, 1, 4))
            if rng.random() < 0.4:
                self._reports(village, line, handler, rng, (self._percent(village, rng),))

    # --- a leaf --------------------------------------------------------------------------------------------------

    def _leaf(
        self,
        line: WorkLine,
        leaf: Track,
        chain: Chain,
        rng: random.Random,
        *,
        special: bool = False,
        closes: float = 0.5,
    ) -> None:
        """Work that is done where it stands: accepted, mostly reported, sometimes verified and closed."""
        if special:
            self.picks += 1
            if self.picks % 9 == 4:
                SPECIALS[(self.picks // 9) % len(SPECIALS)](self, line, leaf, chain, rng)
                return
        script = self.script
        script.act(leaf, chain.handler, "accept_commitment", script.step(leaf, rng, 1, 4))
        if rng.random() < 0.4:
            return
        percent = self._percent(leaf, rng)
        rounds = (percent,) if percent < 40 or rng.random() < 0.85 else (percent // 2 // 5 * 5, percent)
        self._reports(leaf, line, chain.handler, rng, rounds)
        if percent == 100 and rng.random() < closes:
            self._close(leaf, chain, rng)
        elif rng.random() < 0.12:
            self._verify(leaf, chain.verifier, rng, passed=False, percent=max(0, percent - rng.randrange(5, 30, 5)))

    def _percent(self, leaf: Track, rng: random.Random) -> int:
        """How far it is by today, from the share of time that is gone; a date that is past is mostly done."""
        script = self.script
        if leaf.due < 0:
            return 100 if rng.random() < 0.72 else rng.randrange(60, 96, 5)
        start = script.offset(leaf.now)
        share = min(1.0, -start / max(1, leaf.due - start)) * rng.uniform(0.65, 1.25)
        return max(5, min(100, int(share * 20) * 5))

    def _reports(self, track: Track, line: WorkLine, post: str, rng: random.Random, percents: Sequence[int]) -> None:
        """Reports spread over the time that is left, mostly before the due date."""
        script = self.script
        end = leaf_end = min(-1, track.due)
        if rng.random() < 0.1:
            end = -1
        for number, percent in enumerate(percents):
            left = max(1, (end if percent == 100 else leaf_end) - script.offset(track.now))
            share = left // (len(percents) - number)
            at = script.step(track, rng, max(1, share // 3), max(1, share - 2))
            script.act(track, post, "report_on_commitment", at, **self._words(track, line, rng, percent))

    def _words(self, track: Track, line: WorkLine, rng: random.Random, percent: int) -> dict[str, object]:
        phrases = self.story.phrases
        stage = "complete" if percent == 100 else "late" if percent >= 75 else "middle" if percent >= 30 else "early"
        work, other = rng.sample(line.works, 2)
        slots = {"area": track.unit.short_name or track.unit.name, "work": work, "other": other}
        found: dict[str, object] = {"percent": percent, "words": rng.choice(getattr(phrases, stage)).format(**slots)}
        if percent < 100 and rng.random() < 0.3:
            found["problems"] = rng.choice(phrases.problems).format(**slots)
        if percent < 100 and rng.random() < 0.5:
            found["next_step"] = rng.choice(phrases.next_steps).format(**slots)
        return found

    def _say(self, kind: str, rng: random.Random) -> str:
        told: str = rng.choice(getattr(self.story.phrases, kind))
        return told

    def _verify(
        self, track: Track, verifier: str, rng: random.Random, *, passed: bool, percent: int, final: bool = False
    ) -> None:
        self.script.act(
            track,
            verifier,
            "verify_commitment",
            self.script.step(track, rng, 2, 9),
            method="visited" if final or rng.random() < 0.4 else "desk",
            passed=passed,
            percent=percent,
            words=self._say("verified_passed" if passed else "verified_failed", rng),
        )

    def _close(self, leaf: Track, chain: Chain, rng: random.Random) -> None:
        """Applied for; then waiting, failed, passed, or closed by a third hand."""
        script = self.script
        script.act(
            leaf,
            chain.handler,
            "apply_for_closure",
            script.step(leaf, rng, 1, 4),
            statement="已逐条对照标准自查，申请销号。",
        )
        fate = rng.random()
        if fate < 0.3:
            return
        if fate < 0.5:
            self._verify(leaf, chain.verifier, rng, passed=False, percent=rng.randrange(55, 96, 5), final=True)
            return
        self._verify(leaf, chain.verifier, rng, passed=True, percent=100, final=True)
        if fate > 0.6:
            script.act(
                leaf, chain.boss, "close_commitment", script.step(leaf, rng, 1, 5), opinion=self._say("closings", rng)
            )

    # --- trouble of every kind, one at a time --------------------------------------------------------------------

    def _begun(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random, post: str = "") -> None:
        """Accepted and reported once, half-way."""
        script = self.script
        script.act(leaf, chain.handler, "accept_commitment", script.step(leaf, rng, 1, 4))
        at = script.step(leaf, rng, 20, 60)
        script.act(
            leaf, post or chain.handler, "report_on_commitment", at,
            **self._words(leaf, line, rng, rng.randrange(25, 66, 5)),
        )  # fmt: skip

    def _declined(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self.script.act(
            leaf,
            chain.handler,
            "decline_commitment",
            self.script.step(leaf, rng, 1, 4),
            reason=self._say("declines", rng),
        )

    def _insisted(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        script = self.script
        self._declined(line, leaf, chain, rng)
        script.act(
            leaf,
            chain.boss,
            "insist_on_commitment",
            script.step(leaf, rng, 1, 3),
            reason="职责分工已核对，仍由你单位牵头。",
        )
        self._begun(line, leaf, chain, rng)

    def _suspended(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.boss,
            "suspend_commitment",
            self.script.step(leaf, rng, 5, 30),
            reason="上位规划正在调整，暂停实施。",
        )

    def _resumed(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._suspended(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.boss,
            "resume_commitment",
            self.script.step(leaf, rng, 10, 40),
            reason="规划已经明确，恢复实施。",
        )

    def _asked(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.handler,
            "raise_request",
            self.script.step(leaf, rng, 5, 30),
            question="与相邻地区的交界段由哪一方实施，请明确。",
        )

    def _replied(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._asked(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.boss,
            "reply_to_request",
            self.script.step(leaf, rng, 1, 6),
            reply="以界桩为准，各自实施，接口由上游一方负责。",
        )

    def _found(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng)
        self.script.act(
            leaf, chain.verifier, "record_finding", self.script.step(leaf, rng, 4, 20),
            words="前后两次反馈的内容相同，进度却不同。", evidence="对照两次反馈的文字。",
        )  # fmt: skip

    def _answered(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._found(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.handler,
            "answer_finding",
            self.script.step(leaf, rng, 1, 6),
            answer="第二次反馈误用了上次的文字，附上本期的施工记录。",
        )

    def _dismissed(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._answered(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.verifier,
            "conclude_finding",
            self.script.step(leaf, rng, 1, 6),
            upheld=False,
            reason="说明属实，记录对得上。",
        )

    def _objected(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        script = self.script
        self._answered(line, leaf, chain, rng)
        script.act(
            leaf,
            chain.verifier,
            "conclude_finding",
            script.step(leaf, rng, 1, 6),
            upheld=True,
            reason="施工记录的日期在反馈之后。",
        )
        script.act(
            leaf,
            chain.handler,
            "raise_objection",
            script.step(leaf, rng, 1, 9),
            words="记录是补签的，实际施工在前，请复核。",
        )
        script.act(
            leaf,
            chain.boss,
            "decide_objection",
            script.step(leaf, rng, 1, 9),
            upheld=True,
            decision="经复核，施工在前，申辩成立。",
        )

    def _extension(self, granted: bool | None) -> Callable[[WorkLine, Track, Chain, random.Random], None]:
        def plan(line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
            script = self.script
            self._begun(line, leaf, chain, rng)
            later: date = script.day(leaf.due + 20)
            at = script.step(leaf, rng, 2, 15)
            if script.offset(at) > leaf.due:
                return
            script.act(
                leaf, chain.handler, "ask_extension", at,
                new_due_on=later, reason=self._say("extensions", rng),
            )  # fmt: skip
            if granted is not None:
                reason = "理由属实，准予延期。" if granted else "可以增加施工力量，不予延期。"
                script.act(
                    leaf, chain.boss, "decide_extension", script.step(leaf, rng, 1, 4), granted=granted, reason=reason
                )

        return plan

    def _extension_waits(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._extension(None)(line, leaf, chain, rng)

    def _extension_granted(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._extension(True)(line, leaf, chain, rng)

    def _extension_refused(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._extension(False)(line, leaf, chain, rng)

    def _returned(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng)
        at = self.script.step(leaf, rng, 1, 5)
        self.script.act(
            leaf,
            chain.boss,
            "return_commitment",
            at,
            reason=self._say("returns", rng),
            by_on=(at + timedelta(days=7)).date(),
        )

    def _instructed(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.boss,
            "instruct_commitment",
            self.script.step(leaf, rng, 2, 9),
            words="先解决卡住的那一处，再报进度。",
        )

    def _withdrawn(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng)
        self.script.act(
            leaf,
            chain.boss,
            "withdraw_commitment",
            self.script.step(leaf, rng, 5, 20),
            reason="与在办的另一项内容重复，合并办理。",
        )

    def _disputed(self, line: WorkLine, leaf: Track, chain: Chain, rng: random.Random) -> None:
        self._begun(line, leaf, chain, rng, post=chain.proxy)
        self.script.act(
            leaf,
            chain.handler,
            "dispute_report",
            self.script.step(leaf, rng, 1, 5),
            reason="代填的进度偏高，现场还没有开工。",
        )


WAITS_FOR_PROVINCE: dict[int, Callable[[Work, Track, str], None]] = {0: Work._question, 1: Work._wish}
"""What waits for the province's office itself, by the number of the line."""

Plan = Callable[[Work, WorkLine, Track, Chain, random.Random], None]
SPECIALS: tuple[Plan, ...] = (
    Work._declined, Work._suspended, Work._asked, Work._found, Work._extension_waits, Work._disputed, Work._returned,
    Work._insisted, Work._replied, Work._answered, Work._extension_granted, Work._objected, Work._resumed,
    Work._instructed, Work._dismissed, Work._extension_refused, Work._withdrawn,
)  # fmt: skip
"""Kinds of trouble, dealt out in turn."""


def _title(line: WorkLine, level: Level) -> str:
    """The title of all parts of one breakdown; the lead's name stands beside it on every page."""
    title = line.titles.get(level) or line.titles["province"]
    return str(title).replace("{area}", "").replace("{upper}", "")
