"""Fleets and zones of any size, written as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

PER_FILE = 100
PER_ZONE = 500
ROOT = "apiVersion: reconciler/v1\nkind: Fleet\nowner: bench\n"
ENVIRONMENT = """\
apiVersion: reconciler/v1
kind: Environment
metadata:
  name: local
spec:
  provider: local
  variables: {level: info, registry: contoso.azurecr.io}
"""
GROUP = """\
apiVersion: reconciler/v1
kind: DeviceGroup
metadata:
  name: line-{n}
  labels:
    team: edge
    plant: plant-{few}
  annotations:
    runbook: https://wiki.example.com/lines/{n}
spec:
  devices:
    - gw-{n}-01
    - gw-{n}-02
    - gw-{n}-03
    - gw-{n}-04
    - gw-{n}-05
    - gw-{n}-06
    - gw-{n}-07
    - gw-{n}-08
"""
IMAGE = """\
# Built and scanned by the pipeline of the vision team.
apiVersion: reconciler/v1
kind: Image
metadata:
  name: detector-{n}
  labels:
    team: vision
    plant: plant-{few}
  annotations:
    pipeline: https://ci.example.com/detector/{n}
    owner: vision@example.com
spec:
  builder: prebuilt
  reference: contoso.azurecr.io/detector:1.{n}
  description: Finds defects on line {n}
"""
DEPLOYMENT = """\
apiVersion: reconciler/v1
kind: Deployment
metadata:
  name: vision-{n}
  labels:
    team: vision
spec:
  type: layer
  group: line-{n}
  priority: 30
  modules:
    detector:
      image: detector-{n}
      version: "1.{few}"
      status: running
      restartPolicy: always
      imagePullPolicy: on-create
      startupOrder: 2
      env:
        LOG_LEVEL: "${{level}}"
        LINE: line {n}
      createOptions:
        HostConfig:
          Memory: 268435456
      desiredProperties:
        threshold: 0.8
        interval: {few}
  routes:
    scores: FROM /messages/modules/detector/outputs/* INTO $upstream
  labels:
    plant: plant-{few}
"""
RECORDS = """\
host-{n}:
  ttl: 300
  type: A
  values:
    - 10.0.{few}.1
    - 10.0.{few}.2
mail-{n}:
  ttl: 3600
  type: MX
  values:
    - exchange: mx1.example.com.
      preference: 10
    - exchange: mx2.example.com.
      preference: 20
note-{n}:
  ttl: 600
  type: TXT
  value: line {n} of plant {few}
www-{n}:
  ttl: 300
  type: CNAME
  value: host-{n}.example.com.
"""


def write_fleet(folder: Path, documents: int) -> int:
    """Write a fleet of that many documents; returns its lines of YAML."""
    folder.mkdir(parents=True)
    (folder / "reconciler.yaml").write_text(ROOT)
    (folder / "local.yaml").write_text(ENVIRONMENT)
    made = islice(every_document(), documents - 1)
    number = lines = 0
    while chunk := "---\n".join(islice(made, PER_FILE)):
        number += 1
        (folder / f"{number:04}.yaml").write_text(chunk)
        lines += chunk.count("\n")
    return lines + ENVIRONMENT.count("\n")


def write_zones(folder: Path, lines: int) -> int:
    """Write zones of octoDNS of about that many lines; returns how many they have."""
    folder.mkdir(parents=True)
    each = RECORDS.count("\n")
    number = written = 0
    while written < lines:
        number += 1
        count = min(PER_ZONE, -(-(lines - written) // each))
        first = number * PER_ZONE
        text = "".join(RECORDS.format(n=n, few=n % 20) for n in range(first, first + count))
        (folder / f"zone-{number}.example.yaml").write_text(f"---\n{text}")
        written += count * each
    return written


def every_document() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        for document in (GROUP, IMAGE, DEPLOYMENT):
            yield document.format(n=number, few=number % 20)
