"""One writer at a time, without comparing two clocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from reconciler.apply import Lease, Terms, leased
from reconciler.providers.port import ConflictError, Held, LockedError, ProviderError

DURATION = 30.0
OURS = {"run": "ours", "by": "ada"}
THEIRS = {"run": "theirs", "by": "bob", "beat": "4"}
NOBODY: Mapping[str, str] = {}
DURATION = 30.0


@dataclass
class Store:
    """A place for one record, which answers a write only where its version still stands."""

    record: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    faults: list[Exception] = field(default_factory=list)
    loses_answer: bool = False

    def read(self) -> Held:
        return Held(self.record, str(self.version))

    def write(self, record: Mapping[str, str] | None, version: str) -> Held:
        if self.faults:
            raise self.faults.pop(0)
        if version != str(self.version):
            raise ConflictError("changed")
        self.put(record or {})
        if self.loses_answer:
            self.loses_answer = False
            raise ConflictError("a repeated request finds its own first attempt")
        return self.read()

    def put(self, record: Mapping[str, str]) -> None:
        self.record, self.version = record, self.version + 1


@dataclass
class Clock:
    """Time passes only where somebody sleeps; what others do meanwhile happens then."""

    seconds: float = 0.0
    meanwhile: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.meanwhile()

    @property
    def terms(self) -> Terms:
        return Terms(self.now, self.sleep, DURATION)


def who(store: Store) -> str:
    return store.record.get("run", "nobody")


def test_a_free_lease_is_taken_at_once_and_given_back() -> None:
    store, clock = Store(), Clock()
    with leased(store, OURS, clock.terms) as lease:
        assert store.record == {**OURS, "beat": "0"}
        assert not lease.lost
    assert who(store) == "nobody"
    assert clock.seconds == 0


def test_it_is_given_back_when_the_work_fails() -> None:
    store = Store()
    with pytest.raises(ValueError, match="work"), leased(store, OURS, Clock().terms):
        raise ValueError("work")
    assert who(store) == "nobody"


def test_a_lease_that_shows_life_is_left_alone() -> None:
    store = Store(THEIRS)
    clock = Clock(meanwhile=lambda: store.put({**THEIRS, "beat": "5"}))
    with pytest.raises(LockedError, match="by bob, run theirs") as locked:
        leased(store, OURS, clock.terms).__enter__()
    assert "reconciler unlock theirs" in locked.value.remedy
    assert who(store) == "theirs"
    assert clock.seconds < DURATION


def test_a_lease_without_life_is_taken_over_after_its_time() -> None:
    store, clock = Store(THEIRS), Clock()
    with leased(store, OURS, clock.terms):
        assert who(store) == "ours"
    assert clock.seconds >= DURATION


def test_a_lease_that_is_given_back_meanwhile_is_taken() -> None:
    store = Store(THEIRS)
    clock = Clock(meanwhile=lambda: store.put(NOBODY))
    with leased(store, OURS, clock.terms):
        assert who(store) == "ours"
    assert clock.seconds < DURATION


def test_of_two_that_wait_one_gets_it() -> None:
    store = Store(THEIRS)
    clock = Clock(meanwhile=lambda: store.put({"run": "third", "beat": "0"}))
    with pytest.raises(LockedError, match="run third"):
        leased(store, OURS, clock.terms).__enter__()


def test_of_two_that_take_it_at_once_one_gets_it() -> None:
    @dataclass
    class Race(Store):
        def write(self, record: Mapping[str, str] | None, version: str) -> Held:
            self.put(THEIRS)
            return Store.write(self, record, version)

    store = Race()
    with pytest.raises(LockedError, match="run theirs"):
        leased(store, OURS, Clock().terms).__enter__()
    assert who(store) == "theirs"


def test_a_lease_whose_taking_was_not_answered_is_ours() -> None:
    store = Store(loses_answer=True)
    with leased(store, OURS, Clock().terms) as lease:
        assert not lease.lost
    assert who(store) == "nobody"


def held(store: Store, clock: Clock | None = None) -> Lease:
    terms = (clock or Clock()).terms
    return Lease(store, store.write({**OURS, "beat": "0"}, str(store.version)), terms, terms.now())


def test_a_lease_that_could_not_be_renewed_in_time_is_in_doubt_until_it_is() -> None:
    store, clock = Store(), Clock()
    lease = held(store, clock)
    doubts = []
    for seconds in (DURATION - 1, 1):
        clock.sleep(seconds)
        doubts.append(lease.doubtful)
    lease.renew()
    doubts.append(lease.doubtful)
    store.put(THEIRS)
    lease.renew()
    assert [*doubts, lease.doubtful] == [False, True, False, True]


def test_every_renewal_changes_the_record() -> None:
    store = Store()
    lease = held(store)
    beats = []
    for _ in range(3):
        lease.renew()
        beats.append(store.record["beat"])
    assert beats == ["1", "2", "3"]


def test_a_lease_that_somebody_took_is_lost_and_not_given_back() -> None:
    store = Store()
    lease = held(store)
    store.put(THEIRS)
    lease.renew()
    assert lease.lost
    lease.give_back()
    assert who(store) == "theirs"


def test_a_lease_that_was_unlocked_is_lost() -> None:
    store = Store()
    lease = held(store)
    store.put(NOBODY)
    lease.renew()
    assert lease.lost


def test_a_renewal_whose_answer_was_lost_does_not_lose_the_lease() -> None:
    store = Store()
    lease = held(store)
    store.loses_answer = True
    lease.renew()
    assert not lease.lost
    lease.renew()
    assert store.record["beat"] == "2"


def test_a_hub_that_does_not_answer_is_asked_again() -> None:
    @dataclass
    class Ending(Store):
        """Ends the beating with the second renewal that arrives."""

        lease: Lease | None = None

        def put(self, record: Mapping[str, str]) -> None:
            Store.put(self, record)
            if self.lease and record["beat"] == "2":
                self.lease.release()

    store = Ending()
    store.lease = lease = held(store)
    store.faults = [ProviderError("503"), ProviderError("503")]
    lease.keep(every=0)
    assert (store.faults, store.record["beat"], lease.lost) == ([], "2", False)


def test_a_lost_lease_is_renewed_no_more() -> None:
    store = Store()
    lease = held(store)
    store.put(THEIRS)
    lease.keep(every=0)
    assert (lease.lost, store.record) == (True, THEIRS)


def test_a_lease_that_cannot_be_given_back_expires_by_itself() -> None:
    store = Store()
    lease = held(store)
    store.faults = [ProviderError("503")]
    lease.give_back()
    assert lease.lost
    assert who(store) == "ours"
