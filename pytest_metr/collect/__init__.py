"""Reading task families: finding them, their manifests, the names and marks of their runs.

Nothing of a family is ever imported or run here. Importing this package is cheap: YAML and file locks are
imported once a family is met.
"""

from pytest_metr.collect.cache import TaskNameCache
from pytest_metr.collect.detect import looks_like_family
from pytest_metr.collect.family import Family, read_family
from pytest_metr.collect.hashing import content_hash
from pytest_metr.collect.manifest import Manifest, read_manifest
from pytest_metr.collect.marks import mark_name, marks_of
from pytest_metr.collect.names import node_name, run_id, task_name_of

__all__ = [
    "Family",
    "Manifest",
    "TaskNameCache",
    "content_hash",
    "looks_like_family",
    "mark_name",
    "marks_of",
    "node_name",
    "read_family",
    "read_manifest",
    "run_id",
    "task_name_of",
]
