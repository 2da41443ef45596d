"""All exercises by name."""

from demos.practice.exercises import EXERCISES
from demos.practice.programs import PROGRAMS

ALL = (*EXERCISES, *PROGRAMS)
BY_NAME = {exercise.name: exercise for exercise in ALL}
