# SPDX-License-Identifier: Apache-2.0
"""Word lists of the demo language. Every list is ordered: the order decides what is likely where (see demo_text.Writer.pick)."""

WOMEN = ["Anna", "Clara", "Edith", "Greta", "Ida", "Karin", "Mabel", "Olga", "Rosa", "Tilda", "Wanda", "Nora"]
MEN = ["Bram", "Daniel", "Felix", "Hugo", "Jonas", "Leo", "Nils", "Piet", "Simon", "Viktor", "Yusuf", "Oskar"]
NAMES = [name for pair in zip(WOMEN, MEN) for name in pair]
FAMILY = ["Weaver", "Holm", "Carter", "Brook", "Sailor", "Winter", "Marsh", "Cooper", "Stone", "Field"]
JOBS = ["baker", "sailor", "teacher", "miller", "doctor", "gardener", "painter", "clockmaker", "farmer", "printer",
        "shepherd", "carpenter", "cook", "driver", "singer", "keeper", "engineer", "weaver"]
PLACES = ["harbour", "mill", "market", "orchard", "station", "old bridge", "library", "bakery", "lighthouse", "school",
          "quarry", "farm", "chapel", "workshop", "river", "forest", "town hall", "island", "castle", "garden"]
THINGS = ["lantern", "key", "map", "kettle", "rope", "basket", "letter", "coat", "clock", "ladder", "bell", "box",
          "candle", "hammer", "boat", "bicycle", "mirror", "drum", "spoon", "blanket", "wheel", "book", "ring", "violin"]
ADJECTIVES = ["old", "small", "red", "heavy", "broken", "silver", "wooden", "blue", "strange", "warm", "dusty", "round",
              "green", "bright", "empty", "wet", "golden", "quiet"]
FOODS = ["bread", "soup", "apple cake", "fried fish", "pancakes", "bean stew", "cheese", "onion pie", "rice", "porridge",
         "honey buns", "potato salad", "roast duck", "plum jam", "noodles", "pea soup"]
GOODS = [("sack", "flour"), ("jar", "honey"), ("barrel", "apples"), ("box", "nails"), ("bag", "salt"), ("roll", "cloth"),
         ("basket", "eggs"), ("bottle", "oil"), ("bundle", "wood"), ("crate", "fish"), ("tin", "tea"), ("pot", "paint")]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
           "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December"]
SEASONS = ["spring", "summer", "autumn", "winter"]
DIRECTIONS = ["north", "east", "south", "west"]
MOODS = ["happy", "tired", "angry", "calm", "proud", "sad", "curious", "hungry", "afraid", "pleased"]
TOPICS = ["the price of flour", "the new railway", "the long winter", "the missing cat", "the dance on Sunday", "ships",
          "our grandparents", "the broken pump", "music", "the stars", "the election", "the school play", "bees"]

# Sky, sentences that describe it, and the skies that follow it, the likeliest first.
WEATHER = {
    "sun": (["The sun shone all day.", "It was a clear and warm morning.", "Not a cloud was in the sky.",
             "The air was dry and the light was golden."], ["sun", "cloud", "wind"]),
    "cloud": (["Grey clouds hung over the hills.", "The sky was the colour of tin.", "It was dull but dry.",
               "The sun hid behind the clouds until noon."], ["rain", "sun", "fog"]),
    "rain": (["It rained from morning until supper.", "Soft rain fell on the roofs.", "The gutters were full of water.",
              "A cold rain came down the valley."], ["storm", "cloud", "rain"]),
    "storm": (["Thunder woke us before six.", "The storm broke two windows.", "Lightning struck the tall oak.",
               "The wind tore the flag from the tower."], ["cloud", "sun", "rain"]),
    "fog": (["Thick fog lay on the water.", "We could not see the other side of the street.",
             "The fog was white and still.", "Voices sounded far away in the fog."], ["sun", "snow", "cloud"]),
    "snow": (["Snow covered the road.", "Ice grew on the inside of the glass.", "The first snow came in the night.",
              "Our breath turned white."], ["snow", "fog", "sun"]),
    "wind": (["A sharp wind blew from the sea.", "The wind moved the tall grass.", "All the doors rattled in the wind.",
              "The washing flew over the wall."], ["rain", "wind", "sun"]),
}

# name, class, home, food, colour, what it does, plural
ANIMALS = [
    ("heron", "bird", "near the river", "small fish", "grey", "stands on one leg", "herons"),
    ("fox", "hunter", "at the edge of the forest", "mice", "red", "walks without a sound", "foxes"),
    ("goat", "farm animal", "on the steep hills", "grass and bark", "white", "climbs over every fence", "goats"),
    ("owl", "bird", "in the church tower", "mice", "brown", "calls at midnight", "owls"),
    ("bee", "insect", "in the orchard", "the juice of flowers", "yellow", "dances for its sisters", "bees"),
    ("otter", "swimmer", "under the old bridge", "crabs", "brown", "plays with stones", "otters"),
    ("hare", "runner", "in the open field", "clover", "grey", "sleeps with open eyes", "hares"),
    ("crow", "bird", "in the tall oak", "almost anything", "black", "remembers every face", "crows"),
    ("toad", "quiet neighbour", "under wet leaves", "flies", "green", "sings after rain", "toads"),
    ("seal", "swimmer", "on the rocks of the island", "herring", "silver", "sleeps on the beach", "seals"),
    ("horse", "farm animal", "in the long stable", "hay and oats", "black", "knows the way home", "horses"),
    ("mouse", "small guest", "behind the kitchen wall", "crumbs of cheese", "grey", "runs along the shelf", "mice"),
    ("swan", "bird", "on the village pond", "water plants", "white", "guards its young", "swans"),
    ("cat", "hunter", "in the warm kitchen", "fish and milk", "striped", "watches the door", "cats"),
    ("dog", "friend of people", "in the yard", "meat and old bread", "brown", "barks at the moon", "dogs"),
    ("hen", "bird", "behind the barn", "corn", "red", "hides its eggs", "hens"),
]

INGREDIENTS = ["flour", "butter", "onions", "carrots", "beans", "milk", "apples", "honey", "eggs", "potatoes", "salt",
               "mushrooms", "rice", "lemons", "nuts", "cream", "fish", "peas"]
DISHES = ["soup", "pie", "cake", "stew", "salad", "bread"]
UNITS = ["cups of", "spoons of", "handfuls of", "bowls of", "pieces of"]
STEPS = ["wash the {a} in cold water", "cut the {a} into thin slices", "melt the {a} in a pan", "mix the {a} with the {b}",
         "boil the {a} for {n} minutes", "add the {a} and stir well", "pour the {a} over the {b}", "press the {a} through a cloth",
         "bake everything for {n} minutes", "let the {a} rest until the {b} are cool", "cover the pot and wait {n} minutes",
         "taste the {a} and add a little salt", "roll the {a} flat with a bottle", "put the {a} and the {b} in a deep bowl"]
PARTS = ["fan", "cable", "clock", "power supply", "memory bank", "switch", "cooling pump", "network card", "test program",
         "link", "front panel", "counter"]
FAULTS = ["was too hot", "stopped without a word", "gave a wrong number", "was loose", "made a thin noise", "answered late",
          "lost one bit", "would not start", "showed a red light"]
REPAIRS = ["changed the {p}", "cleaned the {p}", "tightened the {p}", "wrote a new test for the {p}", "measured the {p} again",
           "turned the {p} off and on", "read the manual of the {p}", "asked {o} about the {p}", "drew the {p} on paper"]
