"""Exercises: derive backward passes by hand, and find mistakes in those of others."""

from demos.practice.notebook import answer as answer
from demos.practice.notebook import bug as bug
from demos.practice.notebook import check as check
from demos.practice.notebook import exercise as exercise
from demos.practice.notebook import give_up as give_up
from demos.practice.notebook import hint as hint
from demos.practice.notebook import solution as solution
from demos.practice.notebook import summary as summary
