# SPDX-License-Identifier: Apache-2.0
"""Writes the demo language: small documents of plain English, each from its own seed.

A document is a sequence of choices. Most choices are skewed (`Writer.pick`): the likeliest option depends on what was
written before, and options used a short while ago are left out. So the next word is often uncertain, yet seldom a coin
toss between two equals, and the likeliest continuation keeps changing as a document goes on.
"""
import random

import demo_words as w


class Writer:
    """Random choices of one document, and the memory that keeps it from repeating itself."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.recent = {}

    def pick(self, options, key=0):
        """One of `options`: after a turn of the list by `key`, each is about half as likely as the one before it.

        Options picked earlier in this document are skipped until half of the list has been used.
        """
        memory = self.recent.setdefault(tuple(options), [])
        order = [(key * 5 + i) % len(options) for i in range(len(options))]
        free = [i for i in order if i not in memory]
        index = free[-1]
        for candidate in free:
            if self.rng.random() < 0.5:
                index = candidate
                break
        memory.append(index)
        if len(memory) > len(options) // 2:
            memory.pop(0)
        return options[index]

    def any(self, options):
        """One of `options`, all equally likely: for what a document starts with."""
        return self.rng.choice(options)

    def chance(self, p):
        """True with probability p."""
        return self.rng.random() < p


def a(word):
    """The word with its indefinite article."""
    return ("an " if word[0] in "aeiou" else "a ") + word


def person(t, used):
    """A name not in `used` (which grows) and its pronouns: (name, he, him, his)."""
    name = t.any([n for n in w.NAMES if n not in used])
    used.append(name)
    return with_pronouns(name)


def with_pronouns(name):
    """(name, he, him, his)"""
    return (name, "she", "her", "her") if name in w.WOMEN else (name, "he", "him", "his")


def thing(t, key=0):
    """A thing and an adjective that suits it: the adjective's odds depend on the thing."""
    noun = t.pick(w.THINGS, key)
    return t.pick(w.ADJECTIVES, w.THINGS.index(noun)), noun


def goods(t, key=0):
    """An amount of some ware: `three sacks of flour`."""
    unit, ware = t.pick(w.GOODS, key)
    n = t.pick(w.NUMBERS[:12], w.GOODS.index((unit, ware)))
    plural = unit if n == "one" else unit + ("es" if unit.endswith("x") else "s")
    return f"{n} {plural} of {ware}"


def sky(t, state, key):
    """A sentence about the sky `state`, and the sky that follows."""
    lines, following = w.WEATHER[state]
    return t.pick(lines, key), (following[0] if t.chance(0.6) else following[1 + t.chance(0.4)])


def deed(t, key, friend):
    """What the writer of a diary or letter did, as one or two sentences."""
    kind = t.pick(DEEDS, key)
    k = DEEDS.index(kind)
    place = t.pick(w.PLACES, k)
    adjective, noun = thing(t, w.PLACES.index(place))
    animal = t.pick(w.ANIMALS, w.PLACES.index(place))
    number = t.pick(w.NUMBERS[1:12], w.ANIMALS.index(animal))
    text = kind.format(place=place, noun=noun, adj=adjective, goods=goods(t, k) if "{goods}" in kind else "",
                       many=f"{number} {animal[6]}", a=a(adjective), friend=friend[0],
                       food=t.pick(w.FOODS, k) if "{food}" in kind else "")
    if t.chance(0.65):
        text += " " + t.pick(AFTER, k).format(
            friend=friend[0], he=friend[1], He=friend[1].capitalize(), him=friend[2], his=friend[3], number=number,
            place=place, noun=noun, mood=t.pick(w.MOODS, k), topic=t.pick(w.TOPICS, k))
    return text


DEEDS = [
    "I mended the {adj} {noun} and took it to the {place}.", "I carried {goods} to the {place}.",
    "I walked to the {place} with {friend}.", "I painted the door of the {place} and the {noun} beside it.",
    "I counted {many} near the {place}.", "I wrote a long letter to {friend} about the {place}.",
    "I made {food} for everyone at the {place}.", "I looked for my {adj} {noun} but found only {many}.",
    "I sold {goods} to a man from the {place}.", "I learned to play a song about {many}.",
    "I slept late and dreamed of {a} {noun}.", "I cleaned the {noun} and gave it to {friend}.",
    "I met {friend} at the {place} and bought {goods}.",
]
AFTER = [
    "It took {number} hours.", "{friend} came to help, and {he} was {mood}.", "{He} told me about {topic}.",
    "My hands were cold but I was {mood}.", "Nobody at the {place} knew why.", "{friend} forgot {his} {noun} there.",
    "We were {mood} when we came home.", "That cost me {number} coins.", "I would do it again.",
    "The {noun} is still there, I think.", "I said to {him} that I was {mood}.",
]
EVENING = [
    "In the evening we ate {food} and talked about {topic}.", "For supper there was {food}.",
    "At night I heard the {animal} by the {place}.", "I went to bed early and {mood}.",
    "Before sleep I read {n} pages about {topic}.", "{friend} sang until {n} o'clock.",
    "After dark {friend} brought {food}, and we were {mood}.", "The {animal} came to the window again.",
]


def evening(t, key, friend):
    """How a day ended."""
    kind = t.pick(EVENING, key)
    k = EVENING.index(kind)
    return kind.format(food=t.pick(w.FOODS, k), topic=t.pick(w.TOPICS, k), mood=t.pick(w.MOODS, k), friend=friend[0],
                       animal=t.pick(w.ANIMALS, k)[0], place=t.pick(w.PLACES, k), n=t.pick(w.NUMBERS[3:12], k))


def diary(t):
    """Numbered days with weekdays that follow each other."""
    used = []
    me, friends = person(t, used), [person(t, used) for _ in range(3)]
    job, place, day, state = t.any(w.JOBS), t.any(w.PLACES), t.rng.randrange(1, 90), t.any(list(w.WEATHER))
    yield f"The diary of {me[0]}, {job} at the {place}.\n"
    weekday = t.rng.randrange(7)
    while True:
        friend = friends[(day + t.chance(0.3)) % 3]
        line, following = sky(t, state, weekday)
        text = f"Day {day}, {w.WEEKDAYS[weekday]}. {line} {deed(t, weekday, friend)}"
        if t.chance(0.8):
            text += " " + evening(t, weekday, friend)
        yield text + "\n"
        day, weekday, state = day + 1, (weekday + 1) % 7, following


def letter(t):
    """A letter about one day after another."""
    used = []
    me, you, friend = person(t, used), person(t, used), person(t, used)
    state = t.any(list(w.WEATHER))
    yield f"Dear {you[0]},\nthank you for the {' '.join(thing(t, t.rng.randrange(9)))}. "
    yield f"I am {t.pick(w.MOODS, len(you[0]))} today, and {friend[0]} is here with me.\n"
    weekday = t.rng.randrange(7)
    while True:
        line, state = sky(t, state, weekday)
        yield f"On {w.WEEKDAYS[weekday]} {line[0].lower()}{line[1:]} {deed(t, weekday, friend)} "
        if t.chance(0.65):
            question = t.pick(ASK, weekday)
            k = ASK.index(question)
            yield question.format(topic=t.pick(w.TOPICS, k), food=t.pick(w.FOODS, k), place=t.pick(w.PLACES, k),
                                  you=you[0], friend=friend[0]) + "\n"
        weekday = (weekday + 1) % 7


ASK = ["Do you remember the {place}, {you}?", "Please send me news about {topic}.", "{friend} asks if you still like {food}.",
       "You would laugh, dear {you}.", "When will you come to the {place}?", "I think of you whenever I eat {food}.",
       "What do people say about {topic}?", "Tell your mother that {friend} can make {food} now."]
