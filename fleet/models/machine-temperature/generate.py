"""Readings of a machine that does not exist: the same seed gives the same readings everywhere.

A day has a load curve, the air warms and cools, the machine follows both with some inertia.
Faults of four sorts are put in at random times, and every reading says whether it is part of one.
"""

import math
import random
from datetime import datetime, timedelta, timezone

MINUTES = 5
PER_DAY = 24 * 60 // MINUTES
START = datetime(2026, 1, 5, tzinfo=timezone.utc)


def readings(seed, days, faults_per_day):
    """A list of (message, name of the fault or None)."""
    random_source = random.Random(seed)
    faults = _faults(random_source, days * PER_DAY, round(days * faults_per_day))
    inertia = 0.0
    found = []
    for index in range(days * PER_DAY):
        name, heat, loss = faults.get(index, (None, 0.0, 0.0))
        inertia = 0.8 * inertia + random_source.gauss(0, 0.6)
        found.append((_message(random_source, index, inertia + heat, loss), name))
    return found


def _message(random_source, index, offset, loss):
    time = START + timedelta(minutes=MINUTES * index)
    day = 2 * math.pi * (index % PER_DAY) / PER_DAY
    ambient = 21 + 4 * math.sin(day - 2) + random_source.gauss(0, 0.4)
    load = 1 / (1 + math.exp(-6 * math.sin(day - 1.6)))
    temperature = 34 + 0.9 * ambient + 14 * load + offset
    pressure = 1 + 0.08 * (temperature - 20) - loss + random_source.gauss(0, 0.05)
    return {
        "timeCreated": time.isoformat(),
        "machine": {"temperature": round(temperature, 2), "pressure": round(pressure, 3)},
        "ambient": {
            "temperature": round(ambient, 2),
            "humidity": round(45 + random_source.gauss(0, 3)),
        },
    }


def _faults(random_source, length, count):
    """By index: the fault's name, how many degrees it adds and how much pressure it takes."""
    found = {}
    for _ in range(count):
        name = random_source.choice(("spike", "step", "overheating", "leak"))
        size = random_source.uniform(0.5, 1.5)
        duration = 1 if name == "spike" else random_source.randrange(12, 36)
        start = random_source.randrange(length - duration)
        for passed in range(duration):
            found[start + passed] = (name, *_effect(name, size, (passed + 1) / duration))
    return found


def _effect(name, size, progress):
    effects = {
        "spike": (9 * size, 0.0),
        "step": (5 * size, 0.0),
        "overheating": (8 * size * progress, 0.0),
        "leak": (0.0, 0.5 * size),
    }
    return effects[name]
