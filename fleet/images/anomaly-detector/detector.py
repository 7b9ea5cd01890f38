"""How unusual one machine's readings are. Needs nothing but Python, on the device and in training.

A machine's temperature follows the hour of the day and the air around it; its pressure follows its
temperature. What is left once that is taken away should be small. Three numbers are watched:

- temperature: how far this reading is from what was expected (a spike, a step)
- trend: the same, smoothed over the last readings (a slow rise that no single reading shows)
- pressure: how far the pressure is from what the temperature implies (a leak)

Each is divided by its usual size in the training data, so that one threshold fits all three.
"""

import math
from datetime import datetime

HARMONICS = 3
CAUSES = ("temperature", "trend", "pressure")


class BadReadingError(ValueError):
    """A reading that cannot be scored; the message says what is wrong with it."""


def parse(message):
    """The four numbers of one message in the format of the simulated temperature sensor."""
    try:
        # The sensor writes UTC with seven digits after the second, more than Python reads.
        time = datetime.fromisoformat(message["timeCreated"][:19])
        numbers = {
            "temperature": float(message["machine"]["temperature"]),
            "pressure": float(message["machine"]["pressure"]),
            "ambient": float(message["ambient"]["temperature"]),
        }
    except KeyError as error:
        raise BadReadingError(f"a reading has no field {error}") from error
    except (TypeError, ValueError) as error:
        raise BadReadingError(f"a reading cannot be read: {error}") from error
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise BadReadingError(f"{name} is not a finite number")
    return {"hour": time.hour + time.minute / 60, **numbers}


def temperature_terms(reading):
    """What the expected temperature is a weighted sum of: the air and the time of day."""
    terms = [1.0, reading["ambient"]]
    for harmonic in range(1, HARMONICS + 1):
        angle = 2 * math.pi * harmonic * reading["hour"] / 24
        terms += [math.sin(angle), math.cos(angle)]
    return terms


def pressure_terms(reading):
    """What the expected pressure is a weighted sum of."""
    return [1.0, reading["temperature"]]


def expected(terms, weights):
    return math.fsum(term * weight for term, weight in zip(terms, weights, strict=True))


class Detector:
    """Scores the readings of one machine in the order in which they come."""

    def __init__(self, weights):
        self._weights = weights
        self._trend = 0.0

    @property
    def threshold(self):
        return self._weights["threshold"]

    def statistics(self, reading):
        """The three numbers for the next reading, in the order of CAUSES."""
        weights = self._weights
        normal = expected(temperature_terms(reading), weights["temperature"])
        implied = expected(pressure_terms(reading), weights["pressure"])
        residual = reading["temperature"] - normal
        # A spike must not be remembered as a trend: what enters is cut off at its usual size.
        limit = weights["clip"] * weights["scale"]["temperature"]
        step = max(-limit, min(limit, residual))
        self._trend += weights["smoothing"] * (step - self._trend)
        found = (residual, self._trend, reading["pressure"] - implied)
        return [abs(n) / weights["scale"][cause] for n, cause in zip(found, CAUSES, strict=True)]

    def score(self, reading):
        """How unusual it is, in usual sizes, and which of CAUSES says so."""
        return max(zip(self.statistics(reading), CAUSES, strict=True))
