# SPDX-License-Identifier: Apache-2.0
"""The other kinds of documents of the demo language, and `document`, which writes one of any kind."""
import demo_words as w
from demo_text import Writer, a, diary, goods, letter, person, sky, thing, with_pronouns


def story(t):
    """A walk from place to place in which one thing is traded for another."""
    hero = person(t, [])
    place, season = t.any(w.PLACES), t.any(w.SEASONS)
    adjective, noun = thing(t, t.rng.randrange(24))
    yield f"Once {a(t.any(w.JOBS))} named {hero[0]} lived near the {place}. "
    yield f"One {season} morning {hero[1]} found {a(adjective)} {noun} by the road. "
    while True:
        next_place = t.pick(w.PLACES, w.PLACES.index(place))
        other = hero
        while other == hero:
            other = with_pronouns(t.pick(w.NAMES, w.PLACES.index(next_place)))
        job = t.pick(w.JOBS, w.NAMES.index(other[0]))
        yield t.pick(ROADS, w.PLACES.index(next_place)).format(name=hero[0], he=hero[1].capitalize(), noun=noun,
                                                               place=next_place) + " "
        yield f"There {hero[1]} met {other[0]}, {a(job)}. "
        next_adjective, next_noun = thing(t, w.JOBS.index(job))
        if t.chance(0.65):
            yield f"\"Where did you get this {noun}?\" asked {other[0]}. \"From the {place},\" said {hero[0]}. "
        yield t.pick(TRADES, w.THINGS.index(noun)).format(
            other=other[0], name=hero[0], noun=noun, he=hero[1], him=hero[2], his=other[3], thing=a(next_adjective),
            next=next_noun, mood=t.pick(w.MOODS, w.JOBS.index(job))) + "\n"
        place, adjective, noun = next_place, next_adjective, next_noun


ROADS = ["{name} took the {noun} and walked to the {place}.", "{he} carried the {noun} as far as the {place}.",
         "The next day {name} came to the {place}.", "With the {noun} under one arm {name} ran to the {place}.",
         "A cart brought {name} to the {place}.", "It was dark when {name} reached the {place}."]
TRADES = ["{other} wanted the {noun} and gave {him} {thing} {next} for it.",
          "{other} was {mood} and traded {thing} {next} for the {noun}.",
          "\"Take my {next},\" said {other}, \"and leave me the {noun}.\" So {he} did.",
          "{other} looked at the {noun} for a long time, and then {his} {next} was on the table. {name} took the {next}.",
          "Because {other} was {mood}, {name} left the {noun} and went away with {thing} {next}."]


def weather(t):
    """Notes of a weather station: the numbers wander, the sky follows its own rules."""
    place, month, day = t.any(w.PLACES), t.rng.randrange(12), t.rng.randrange(1, 20)
    state, degrees, wind = t.any(list(w.WEATHER)), t.rng.randrange(2, 25), t.rng.randrange(4)
    yield f"Weather notes from the {place}, {w.MONTHS[month]}.\n"
    while True:
        for hour in ("six in the morning", "noon", "eight in the evening"):
            line, following = sky(t, state, day)
            yield f"{w.MONTHS[month]} {day}, {hour}: {degrees} degrees, wind from the {w.DIRECTIONS[wind]}. {line} "
            if t.chance(0.4):
                animal = t.pick(w.ANIMALS, list(w.WEATHER).index(state) + day)
                yield f"The {animal[6]} were seen {animal[2]}. "
            degrees = max(0, degrees + (2 if hour == "noon" else -1) + t.rng.choice((-1, 0, 0, 0, 1)))
            wind, state = (wind + (1 if t.chance(0.3) else 0)) % 4, following
        yield "\n"
        day += 1
        if day > 28:
            day, month = 1, (month + 1) % 12


def recipe(t):
    """Dishes with ingredients that the numbered steps take up again."""
    key = t.rng.randrange(24)
    while True:
        name = t.pick(w.NAMES, key)
        dish = t.pick(w.DISHES, w.NAMES.index(name))
        parts = [t.pick(w.INGREDIENTS, w.NAMES.index(name))]
        while len(parts) < 4:
            parts.append(t.pick(w.INGREDIENTS, w.INGREDIENTS.index(parts[-1])))
        amounts = [f"{t.pick(w.NUMBERS[1:9], w.INGREDIENTS.index(p))} {t.pick(w.UNITS, w.INGREDIENTS.index(p))} {p}" for p in parts]
        yield f"How {name} makes {dish} with {parts[0]}. You need {', '.join(amounts[:3])} and {amounts[3]}.\n"
        order = parts + [parts[1], parts[2]]
        for number, part in enumerate(order, 1):
            other = parts[(parts.index(part) + (1 if t.chance(0.7) else 2)) % 4]
            step = t.pick(w.STEPS, w.INGREDIENTS.index(part))
            yield f"Step {number}: {step.format(a=part, b=other, n=t.pick(w.NUMBERS[3:20], number))}.\n"
        yield f"Serve the {dish} {t.pick(SERVED, w.DISHES.index(dish))}.\n\n"
        key = w.INGREDIENTS.index(parts[0])


SERVED = ["hot", "cold", "with bread", "on a blue plate", "after a long walk", "to hungry friends", "with a cup of tea"]


def counting(t):
    """Counts animals upwards; sums in between."""
    n = t.rng.randrange(0, 4)
    animal = t.any(w.ANIMALS)
    yield "Let us count.\n"
    while True:
        n = n % 20 + 1
        word = w.NUMBERS[n - 1]
        index = w.ANIMALS.index(animal)
        subject = f"{word.capitalize()} {t.pick(w.ADJECTIVES, n)} {animal[0] if n == 1 else animal[6]}"
        yield f"{subject} {t.pick(ACTS, index)} the {t.pick(w.PLACES, index)}. "
        if t.chance(0.35):
            left, right = w.NUMBERS.index(t.pick(w.NUMBERS[:9], n)), w.NUMBERS.index(t.pick(w.NUMBERS[:10], n))
            yield f"{w.NUMBERS[left].capitalize()} and {w.NUMBERS[right]} make {w.NUMBERS[left + right + 1]}. "
        if t.chance(0.3):
            yield "\n"
        animal = t.pick(w.ANIMALS, index)


ACTS = ["walked to", "slept behind", "looked at", "waited in front of", "came home from", "ran around", "hid under"]


def dialogue(t):
    """Two people ask each other about what is where."""
    used = []
    one, two = person(t, used), person(t, used)
    yield f"{one[0]} and {two[0]} sat by the {t.any(w.PLACES)}.\n"
    key = t.rng.randrange(20)
    while True:
        adjective, noun = thing(t, key)
        place, mood = t.pick(w.PLACES, w.THINGS.index(noun)), t.pick(w.MOODS, w.ADJECTIVES.index(adjective))
        kind = t.pick(QUESTIONS, key)
        k = QUESTIONS.index(kind)
        third = t.pick([n for n in w.NAMES if n not in used], k)
        question, answer = kind
        names = dict(adj=adjective, noun=noun, place=place, mood=mood, third=third, food=t.pick(w.FOODS, w.PLACES.index(place)),
                     n=t.pick(w.NUMBERS[1:12], k), topic=t.pick(w.TOPICS, k), goods=goods(t, k), weekday=t.pick(w.WEEKDAYS, k))
        yield f"{one[0]}: {question.format(**names)}\n{two[0]}: {answer.format(**names)}\n"
        if t.chance(0.7):
            one, two = two, one
        key = k


QUESTIONS = [
    ("Where is the {adj} {noun}?", "I left the {noun} at the {place}, next to {goods}."),
    ("Have you seen {third} today?", "Yes, {third} was at the {place} and looked {mood}."),
    ("How many people came to the {place}?", "Only {n}, and {third} was one of them."),
    ("What shall we eat on {weekday}?", "Let us have {food}, if {third} brings {goods}."),
    ("Why are you so {mood}?", "Because {third} lost my {adj} {noun} near the {place}."),
    ("Who told you about {topic}?", "It was {third}, and everyone at the {place} believes it."),
    ("Can I have the {noun}?", "Not before {weekday}, because {third} needs the {noun} for the {place}."),
    ("When does the boat leave the {place}?", "On {weekday} at {n} o'clock, with {goods} on board."),
]


def facts(t):
    """One animal after another, each compared with the next."""
    animal = t.any(w.ANIMALS)
    yield "A small book of animals.\n"
    while True:
        name, kind, home, food, colour, habit, plural = animal
        index = w.ANIMALS.index(animal)
        yield f"The {name} is {a(kind)}. It lives {home} and eats {food}. "
        if t.chance(0.65):
            yield f"Most {plural} are {colour}. "
        if t.chance(0.65):
            yield f"In {t.pick(w.SEASONS, index)} it {habit}. "
        if t.chance(0.65):
            who, seen = f"{t.pick(w.NAMES, index)}, {a(t.pick(w.JOBS, index))}", f"{t.pick(w.NUMBERS[1:20], index)} {plural}"
            yield f"{who}, once saw {seen} at the {t.pick(w.PLACES, index)}. "
        following = t.pick(w.ANIMALS, index + 1)
        yield f"The {name} is {t.pick(COMPARED, index)} than the {following[0]}.\n"
        animal = following


COMPARED = ["bigger", "faster", "quieter", "older", "wiser", "slower", "kinder"]


def notebook(t):
    """Notes from a machine room: numbered runs, faults and repairs."""
    used = []
    team = [person(t, used) for _ in range(3)]
    run, part = t.rng.randrange(1, 60), t.any(w.PARTS)
    machines, minutes = t.any(["two", "four", "eight"]), t.rng.randrange(5, 30)
    yield f"Notebook of the machine room. We have {machines} machines in a line, and {team[0][0]} keeps the keys.\n"
    while True:
        who = team[(run + t.chance(0.3)) % 3]
        other = team[(team.index(who) + 1) % 3]
        index = w.PARTS.index(part)
        machine = t.pick(w.NUMBERS[:w.NUMBERS.index(machines) + 1], index)
        yield f"Run {run}. The {part} of machine {machine} {t.pick(w.FAULTS, index)} after {minutes} minutes. "
        repair = t.pick(w.REPAIRS, index)
        result = t.pick(RESULTS, w.REPAIRS.index(repair)).format(o=other[0], mood=t.pick(w.MOODS, index))
        yield f"{who[0]} {repair.format(p=part, o=other[0])}, and {result}. "
        if t.chance(0.4):
            yield f"{other[0]} brought {t.pick(w.FOODS, w.REPAIRS.index(repair))} and we talked about {t.pick(w.TOPICS, index)}. "
        following = t.pick(w.PARTS, index)
        yield f"Next we look at the {following}.\n"
        part, run, minutes = following, run + 1, max(2, minutes + t.rng.choice((-2, 1, 1, 3)))


RESULTS = ["all the answers agreed", "the answers were wrong again", "{o} was {mood}", "the line was quiet for an hour",
           "one answer was different", "the light turned green", "{o} wrote down every number", "we went home {mood}"]


def ledger(t):
    """Sales in a shop, numbered, with a till that fills."""
    number, coins = t.rng.randrange(1, 80), t.rng.randrange(3, 20)
    owner = person(t, [])
    yield f"The shop of {owner[0]} {t.any(w.FAMILY)}. There are {coins} coins in the box.\n"
    while True:
        title = "Mr." if t.chance(0.65) else "Mrs."
        family = t.pick(w.FAMILY, number % 10)
        price = w.NUMBERS.index(t.pick(w.NUMBERS[:12], w.FAMILY.index(family))) + 1
        yield f"Sale {number}. {title} {family} bought {goods(t, w.FAMILY.index(family))}"
        if t.chance(0.65):
            yield f" and {a(' '.join(thing(t, w.FAMILY.index(family))))}"
        yield f" for {w.NUMBERS[price - 1]} coin{'s' if price > 1 else ''}. "
        coins += price
        yield f"Now there are {coins} coins in the box. "
        if t.chance(0.4):
            topic = t.pick(w.TOPICS, w.FAMILY.index(family))
            yield f"{'He' if title == 'Mr.' else 'She'} spoke about {topic} and was {t.pick(w.MOODS, price)}."
        yield "\n"
        number += 1


GENRES = [diary, story, letter, weather, recipe, counting, dialogue, facts, notebook, ledger]


def document(seed):
    """One document of about 250 to 480 words; the same seed gives the same text."""
    t = Writer(seed)
    limit, pieces, words = t.rng.randrange(250, 480), [], 0
    for piece in t.any(GENRES)(t):
        pieces.append(piece)
        words += len(piece.split())
        if words >= limit and piece.endswith("\n"):
            return "".join(pieces).rstrip() + "\n"
