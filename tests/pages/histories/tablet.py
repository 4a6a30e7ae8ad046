"""One tablet in Chromium: the journal of the product, a network that the plan decides on, the real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from mes.accounts.models import User
from mes.records.models import IdempotencyKey
from tests.pages.conftest import Screen
from tests.pages.histories.plan import COMPLETE, SCAN, Act, Apart, Begun, Decided, Network, SignedOut, Spent, Tap

NETWORK = Path(__file__).with_name("network.js").read_text(encoding="utf-8")
LOAD = """async where => {
  Object.assign(document.getElementById('run').dataset, where);
  window.journal = await import('/static/js/journal.js');
  window.here = await import('/static/js/here.js');
  window.wifi = await import('/static/js/network.js');
  journal.flush();
}"""
# What is taken answers with its id, what is not with {say} why.
RECORD = "async words => (await here.keep(...words)).say ?? ''"
BEGIN_TO_RECORD = "words => { here.keep(...words); }"
SPENT = """async minutes => {
  network.apart = true;
  while (!wifi.isApart()) await wifi.ask();
  Date.now = (now => () => now() + minutes * 60_000)(Date.now);
}"""
WIFI = "apart => { network.apart = apart; if (!apart) dispatchEvent(new Event('online')); }"
HEARD = "async () => { while (wifi.isApart()) await wifi.ask(); }"
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
LONGEST = 10_000  # milliseconds
ALLOWED = 15  # minutes without network, as the recipe and the page say
REFUSED = """async user => {
  const [first] = await journal.refusals(user);
  return first ? [first.entry.id, first.data.code] : null;
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
    promised: bool

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
    out_of_time: list[str] = field(default_factory=list)  # taken when nothing was to be, or not taken when it was
    not_taken: list[Told] = field(default_factory=list)
    is_spent: bool = False

    def __post_init__(self) -> None:
        self.screen.page.context.add_init_script(NETWORK)

    def begin(self, step: UUID, code: str) -> None:
        """The next step, with nothing tapped yet; `code` is what its labels say."""
        self.step, self.code, self.taps = step, code, []
        self.shown, self.withdrawn, self.not_taken = {}, set(), []
        self.out_of_context, self.out_of_time = [], []
        self._load()

    def does(self, act: Act) -> None:
        match act:
            case Tap():
                self._tap(act)
            case Network():
                self._page.evaluate("faults => network.faults.push(...faults)", list(act.faults))
            case Apart():
                self._wifi(apart=act.apart)
            case Spent():
                self._page.evaluate(SPENT, ALLOWED + 1)
                self.is_spent = True
            case SignedOut():
                self._page.context.clear_cookies(name="sessionid")
            case Begun():
                self._begin_again(killed=act.killed)
            case Decided():
                self._decide(follows=act.follows)

    def _wifi(self, *, apart: bool) -> None:
        self._page.evaluate(WIFI, apart)
        if not apart:
            self._hears_the_server()

    def finish(self) -> bool:
        """Everything works again: does what is on the tablet go out by itself?"""
        self._sign_in()
        self._load()
        for _ in range(MOST_DECISIONS):
            if not self._page.evaluate(EMPTIES, [self.user.username, LONGEST]):
                return False
            if not self._decide(follows=True):
                return True
        return False

    @property
    def _page(self) -> Any:
        return self.screen.page

    def _tap(self, act: Tap) -> None:
        told = Told(uuid4(), act.name, act.value, promised=act.awaited)
        self.taps.append(told)
        path, said = self._call(act)
        words = [path, {"id": str(told.id), **said}]
        no = self._page.evaluate(RECORD if act.awaited else BEGIN_TO_RECORD, words)
        if act.awaited and bool(no) != self.is_spent:
            self.out_of_time.append(f"{'not ' if no else ''}taken: {act.name} {act.value} {no}")
        told.promised = act.awaited and not no
        if no:
            self.not_taken.append(told)

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
        later = self.taps[[tap.id for tap in self.taps].index(first) + 1 :]
        self.out_of_context += [f"sent out of context: {tap.name} {tap.value}" for tap in later if tap.is_done]
        left = self._page.evaluate(DECIDE, [self.user.username, follows])
        self.withdrawn |= {UUID(each) for each in left}
        return True

    def _begin_again(self, *, killed: bool) -> None:
        if killed:
            context = self._page.context
            self._page.close()
            self.screen.page = context.new_page()
        self._sign_in()
        self._load()

    def _sign_in(self) -> None:
        self.screen.seen_by(self.user)

    def _load(self) -> None:
        self.screen.open("/journal/")
        self._page.evaluate(LOAD, {"step": str(self.step), "batch": str(self.step)})
        self._hears_the_server()

    def _hears_the_server(self) -> None:
        self._page.evaluate(HEARD)
        self.is_spent = False
