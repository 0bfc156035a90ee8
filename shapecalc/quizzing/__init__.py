"""Exercises from a seed: questions on a topic, their answers by the engine, and what a wrong answer says.

A topic has forms; a form makes a scene, a network of settings that real networks have, and asks a quantity of it. The
question is put into words from the layers themselves. The answer is the trace's, the verdict on another one and its
misconception come from `check`'s own code, the working from `explain`'s.
"""

from __future__ import annotations

from shapecalc.quizzing.exercise import Exercise
from shapecalc.quizzing.making import Plan, exercises
from shapecalc.quizzing.topics import TOPICS

__all__ = ["TOPICS", "Exercise", "Plan", "exercises"]
