"""The journal of a tablet that has recorded for long: it reads what is open, and an update forgets nothing."""

from collections.abc import Callable

import pytest

from mes.accounts.models import Site, User
from mes.records.models import Event
from tests.given import batches as given
from tests.pages.conftest import Screen

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.pages.urls"),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
# As the version before wrote it: sent, not sent, refused, refused and seen, scanned wrong and not sent yet, withdrawn.
BEFORE = """() => new Promise(done => {
  const asked = indexedDB.open('baton-journal', 3);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore('entries', { keyPath: 'seq', autoIncrement: true });
    for (const name of ['answers', 'seen', 'files']) asked.result.createObjectStore(name, { keyPath: 'id' });
  };
  asked.onsuccess = () => {
    const all = asked.result.transaction(['entries', 'answers', 'seen'], 'readwrite');
    const entry = { url: '/nowhere', body: {}, user: 'olga', about: '', file: false };
    for (const id of ['sent', 'waits', 'refused', 'read', 'wrong', 'withdrawn'])
      all.objectStore('entries').put({ ...entry, id, batch: id });
    all.objectStore('answers').put({ id: 'sent', status: 200 });
    for (const id of ['refused', 'read']) all.objectStore('answers').put({ id, status: 409, data: { code: id } });
    all.objectStore('answers').put({ id: 'withdrawn', withdrawn: true });
    for (const id of ['read', 'wrong']) all.objectStore('seen').put({ id });
    all.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
STANDS = """async () => {
  const journal = await import('/static/js/journal.js');
  const refused = (await journal.refusals('olga')).map(({ data }) => data.code);
  return [(await journal.waiting()).map(({ id }) => id), refused];
}"""
# Until it is answered: the id of what was refused, or null.
RECORDED = """async ([url, batch]) => {
  const journal = await import('/static/js/journal.js');
  await journal.record(url, {}, 'olga', { batch });
  while ((await journal.waiting()).length) await new Promise(again => setTimeout(again, 50));
  return (await journal.refusals('olga'))[0]?.entry.id ?? null;
}"""
# The first answer finds no room on the disk.
NO_ROOM = """() => {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...row) {
    if (this.name !== 'answers') return put.apply(this, row);
    IDBObjectStore.prototype.put = put;
    throw new DOMException('no room', 'QuotaExceededError');
  };
}"""
OPEN = """() => new Promise(told => { indexedDB.open('baton-journal').onsuccess = ({ target: { result } }) => {
  const all = result.transaction(['entries', 'open']);
  const counts = ['entries', 'open'].map(name => all.objectStore(name).count());
  all.oncomplete = () => told(counts.map(count => count.result)); }; })"""


def test_a_tablet_knows_after_an_update_what_it_has_not_sent(new_screen: Open, olga: User) -> None:
    page = new_screen(olga).open("/journal/").page
    page.evaluate(BEFORE)
    assert page.evaluate(STANDS) == [["waits", "wrong"], ["refused"]]


def test_what_is_settled_is_kept_and_not_read_again(new_screen: Open, site: Site, olga: User) -> None:
    """A step is started; started again, which the server refuses; and the refusal is seen."""
    batch = given.running_batch(site)
    page = new_screen(olga).open("/journal/").page
    first = next(iter(batch.steps.order_by("position")))
    start = [f"/api/v1/steps/{first.id}/start", str(batch.id)]
    assert page.evaluate(RECORDED, start) is None
    assert page.evaluate(OPEN) == [1, 0]
    refused = page.evaluate(RECORDED, start)
    assert page.evaluate(OPEN) == [2, 1]
    page.evaluate("async id => { await (await import('/static/js/journal.js')).see(id); }", refused)
    assert page.evaluate(OPEN) == [2, 0]


def test_an_answer_that_finds_no_room_is_asked_for_again(new_screen: Open, site: Site, olga: User) -> None:
    batch = given.running_batch(site)
    page = new_screen(olga).open("/journal/").page
    page.evaluate(NO_ROOM)
    first = next(iter(batch.steps.order_by("position")))
    assert page.evaluate(RECORDED, [f"/api/v1/steps/{first.id}/start", str(batch.id)]) is None
    assert page.evaluate(OPEN) == [1, 0]
    assert Event.objects.filter(action="batches.start_step", subject_id=first.id).count() == 1
