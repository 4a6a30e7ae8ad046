"""One tablet in Chromium: the journal of the product, a network that the plan decides on, the real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from mes.accounts.models import User
from mes.records.models import IdempotencyKey
from tests.pages.conftest import Screen
from tests.pages.histories.plan import (
    COMPLETE,
    FULL,
    SCAN,
    STUCK,
    WELL,
    Act,
    Apart,
    Begun,
    Decided,
    Disk,
    Network,
    SignedOut,
    Spent,
    Tap,
    Unlocked,
    Waits,
)

AROUND = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("network.js", "disk.js")]
LOAD = """async where => {
  Object.assign(document.getElementById('run').dataset, where);
  window.journal = await import('/static/js/journal.js');
  window.here = await import('/static/js/here.js');
  window.wifi = await import('/static/js/network.js');
  journal.flush();
}"""
# What is taken answers with its id, what is not with {say} why; null while the tablet has not said anything.
RECORD = "async words => (await here.keep(...words)).say ?? ''"
RECORD_FOR_A_WHILE = """words => Promise.race([
  here.keep(...words).then(({ say = '' }) => say),
  new Promise(resolve => setTimeout(resolve, 4000, null)),
])"""
BEGIN_TO_RECORD = "words => { here.keep(...words); }"
SPENT = """async minutes => {
  network.apart = true;
  while (!wifi.isApart()) await wifi.ask();
  Date.now = (now => () => now() + minutes * 60_000)(Date.now);
}"""
WIFI = "apart => { network.apart = apart; if (!apart) dispatchEvent(new Event('online')); }"
HEARD = "async () => { while (wifi.isApart()) await wifi.ask(); }"
# The page stays as it is: what waits goes out with nobody's help, after the lock was opened if there was one.
ALL_WELL = """() => {
  const was = network.apart;
  Object.assign(network, { apart: false, faults: [] });
  if (was) dispatchEvent(new Event('online'));
}"""
# Everything was sent, or waits for a person.
EMPTIES = """async ([user, longest]) => {
  const until = Date.now() + longest;
  const open = async () => {
    const stopped = (await journal.refusals(user)).map(({ entry }) => entry.batch);
    return (await journal.waiting()).some(({ batch }) => !stopped.includes(batch));
  };
  while (network.under_way || await open()) {
    if (Date.now() > until) return false;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  return true;
}"""
A_WHILE, LONGEST = 350, 10_000  # milliseconds
ALLOWED = 15  # minutes without network, as the recipe and the page say
REFUSED = """async user => {
  const [first] = await journal.refusals(user);
  return first ? [first.entry.id, first.data.code ?? ''] : null;
}"""
# As the sheets of the run screen do it.
DECIDE = """async ([user, follows]) => {
  const [{ entry }] = await journal.refusals(user);
  const left = follows ? [] : (await journal.after(entry)).map(({ id }) => id);
  await Promise.all(left.map(journal.withdraw));
  await journal.see(entry.id);
  return left;
}"""
MOST_DECISIONS = 50


@dataclass
class Told:
    """One tap as the person remembers it. `promised`: the tablet said that it is kept."""

    id: UUID
    name: str
    value: str
    promised: bool = False

    @property
    def is_done(self) -> bool:
        """The server has carried it out, whatever the tablet knows of that."""
        return IdempotencyKey.objects.filter(key=str(self.id)).exists()


@dataclass
class Tablet:
    screen: Screen
    user: User
    taps: list[Told] = field(default_factory=list)
    shown: dict[UUID, str] = field(default_factory=dict)  # what was refused, and with which code
    withdrawn: set[UUID] = field(default_factory=set)
    out_of_context: list[str] = field(default_factory=list)
    taken_wrongly: list[str] = field(default_factory=list)  # when nothing was to be, or not taken when it was
    not_taken: list[Told] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)  # nobody sent it, although nothing was in its way
    is_spent: bool = False
    is_apart: bool = False
    disk: str = WELL
    is_signed_out: bool = False

    def __post_init__(self) -> None:
        for each in AROUND:
            self._page.context.add_init_script(each)

    def begin(self, step: UUID, code: str) -> None:
        """The next step, with nothing tapped yet; `code` is what its labels say."""
        self.step, self.code, self.taps = step, code, []
        self.shown, self.withdrawn, self.not_taken = {}, set(), []
        self.out_of_context, self.taken_wrongly, self.stays = [], [], []
        self._load()

    def faults(self) -> list[str]:
        """What went wrong on its pages since somebody asked."""
        found, self.screen.faults[:] = self.screen.faults[:], []
        return found

    def _watch(self) -> None:
        """The first page of a screen is watched by whoever opened it."""
        self._page.on("pageerror", lambda error: self.screen.faults.append(f"script: {error}"))

    def does(self, act: Act) -> None:
        """What a person does, or what befalls the tablet."""
        match act:
            case Tap():
                self._tap(act)
            case Begun():
                self._begin_again(killed=act.killed)
            case Unlocked():
                self._unlock()
            case Waits():
                self._wait()
            case Decided():
                self._decide(follows=act.follows)
            case _:
                self._befalls(act)

    def _befalls(self, act: Network | Apart | Spent | SignedOut | Disk) -> None:
        match act:
            case Network():
                self._page.evaluate("faults => network.faults.push(...faults)", list(act.faults))
            case Apart():
                self._wifi(apart=act.apart)
            case Spent():
                self._page.evaluate(SPENT, ALLOWED + 1)
                self.is_spent = self.is_apart = True
            case SignedOut():
                self._page.context.clear_cookies(name="sessionid")
                self.is_signed_out = True
            case Disk():
                self._page.evaluate("how => { disk.is = how; }", act.how)
                self.disk = act.how

    def _wifi(self, *, apart: bool) -> None:
        self._page.evaluate(WIFI, apart)
        self.is_apart = apart
        if not apart:
            self._hears_the_server()

    def finish(self) -> None:
        """Everything works again: what is on the tablet goes out by itself."""
        self._page.evaluate(ALL_WELL)
        self.is_apart = False
        self._hears_the_server()
        if self.is_signed_out:
            self._unlock()
        for _ in range(MOST_DECISIONS):
            self._wait()
            if self.stays or not self._decide(follows=True):
                return
        self.stays.append("refused without end")

    def _wait(self) -> None:
        """Until everything is answered, which it is by itself where nothing is in its way."""
        is_well = self.disk == WELL and not self.is_apart and not self.is_signed_out
        is_empty = self._page.evaluate(EMPTIES, [self.user.username, LONGEST if is_well else A_WHILE])
        if is_well and not is_empty:
            self.stays.append(f"stays on the tablet: {self.taps}")

    @property
    def _page(self) -> Any:
        return self.screen.page

    def _tap(self, act: Tap) -> None:
        told = Told(uuid4(), act.name, act.value)
        self.taps.append(told)
        path, said = self._call(act)
        words = [path, {"id": str(told.id), **said}]
        if not act.awaited:
            self._page.evaluate(BEGIN_TO_RECORD, words)
            return
        no = self._page.evaluate(RECORD_FOR_A_WHILE if self.disk == STUCK else RECORD, words)
        told.promised = no == ""
        if no:
            self.not_taken.append(told)
        if no is not None and bool(no) != self._takes_nothing:
            self.taken_wrongly.append(f"{'not ' if no else ''}taken: {act.name} {act.value} {no}")

    @property
    def _takes_nothing(self) -> bool:
        return self.is_spent or self.disk == FULL

    def _call(self, act: Tap) -> tuple[str, dict[str, str]]:
        calls = {SCAN: ("scans", {"code": self.code}), COMPLETE: ("complete", {})}
        return calls.get(act.name, ("entries", {"name": act.name, "value": act.value, "unit": "mL"}))

    def _decide(self, *, follows: bool) -> bool:
        """Looks at the first refusal; False when there is none. Nothing after it may have been sent."""
        refused = self._page.evaluate(REFUSED, self.user.username)
        if refused is None:
            return False
        first = UUID(refused[0])
        self.shown[first] = refused[1]
        self.out_of_context += [f"sent out of context: {tap.name} {tap.value}" for tap in self._after(first)]
        left = self._page.evaluate(DECIDE, [self.user.username, follows])
        self.withdrawn |= {UUID(each) for each in left}
        return True

    def _after(self, first: UUID) -> list[Told]:
        """What was done and tapped after it; it may be of a step before, which stayed on the tablet."""
        order = [tap.id for tap in self.taps]
        later = self.taps[order.index(first) + 1 :] if first in order else []
        return [tap for tap in later if tap.is_done]

    def _begin_again(self, *, killed: bool) -> None:
        if killed:
            context = self._page.context
            self._page.close()
            self.screen.page = context.new_page()
            self._watch()
        self._sign_in()
        self._load()

    def _unlock(self) -> None:
        self._sign_in()
        self._page.evaluate("() => { journal.flush(); }")

    def _sign_in(self) -> None:
        self.screen.seen_by(self.user)
        self.is_signed_out = False

    def _load(self) -> None:
        self.screen.open("/journal/")
        self.disk, self.is_apart = WELL, False
        self._page.evaluate(LOAD, {"step": str(self.step), "batch": str(self.step)})
        self._hears_the_server()

    def _hears_the_server(self) -> None:
        self._page.evaluate(HEARD)
        self.is_spent = False
