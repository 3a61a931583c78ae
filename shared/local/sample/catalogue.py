"""The made-up region: sites, institutions, programmes, places and the words that names are made of.

Nothing here is a real school or person: BRIN codes 99XX are not issued. Municipalities and their codes are real.
"""

from dataclasses import dataclass

COHORT = 2027
REGION = "19"
PUPILS = 1000


@dataclass(frozen=True, slots=True)
class Site:
    """A vo site, with its number of pupils per track."""

    code: str
    name: str
    mail: str
    tracks: dict[str, int]
    municipalities: tuple[str, ...]
    """Where most of its pupils live, nearest first."""


SITES = (
    Site(
        "99AA00",
        "De Zilverlinde",
        "zilverlinde.example",
        {"vmbo-bb": 110, "vmbo-kb": 105, "vmbo-gl": 40, "vmbo-tl": 75, "isk": 30},
        ("0344", "1904", "0310"),
    ),
    Site(
        "99AB00",
        "Wilgenstroom College",
        "wilgenstroom.example",
        {"vmbo-kb": 95, "vmbo-gl": 60, "vmbo-tl": 115, "havo": 30},
        ("0356", "0321", "0353", "1961"),
    ),
    Site(
        "99AC00",
        "Praktijkschool De Kantelboog",
        "kantelboog.example",
        {"pro": 85, "vso": 35},
        ("0344", "0356", "0355"),
    ),
    Site(
        "99AD00",
        "Merelhof College",
        "merelhof.example",
        {"vmbo-bb": 45, "vmbo-kb": 60, "vmbo-tl": 90, "havo": 25},
        ("0355", "1581", "0352", "0312"),
    ),
)

INSTITUTIONS = {
    "99MA": ("ROC Kromme Linde", "krommelinde.example"),
    "99MB": ("Vakschool Noorderhaven", "noorderhaven.example"),
}


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme of an institution: crebo, level 1 to 4 and its pathways."""

    institution: str
    crebo: str
    level: int
    pathways: tuple[str, ...] = ("BOL",)


BOTH = ("BOL", "BBL")
PROGRAMMES = (
    Programme("99MA", "25250", 1),
    Programme("99MA", "25251", 1),
    Programme("99MB", "25252", 1),
    Programme("99MB", "25255", 1),
    Programme("99MA", "25498", 2, BOTH),
    Programme("99MA", "25607", 2),
    Programme("99MA", "25243", 2, BOTH),
    Programme("99MB", "25180", 2, BOTH),
    Programme("99MB", "25103", 2, BOTH),
    Programme("99MA", "25656", 3, BOTH),
    Programme("99MA", "25605", 3),
    Programme("99MA", "25486", 3),
    Programme("99MB", "25182", 3, BOTH),
    Programme("99MB", "25091", 3, BOTH),
    Programme("99MA", "25655", 4, BOTH),
    Programme("99MA", "25604", 4),
    Programme("99MA", "25484", 4),
    Programme("99MA", "25606", 4),
    Programme("99MB", "25104", 4),
)

LEVELS = {
    "pro": {1: 75, 2: 25},
    "vso": {1: 70, 2: 30},
    "isk": {1: 60, 2: 40},
    "vmbo-bb": {2: 100},
    "vmbo-kb": {2: 10, 3: 55, 4: 35},
    "vmbo-gl": {3: 30, 4: 70},
    "vmbo-tl": {3: 20, 4: 80},
    "havo": {4: 100},
}
"""Levels a track leads to, with weights (WEB 8.2.1; entry level for tracks without a diploma)."""

AGES = {
    "pro": {17: 55, 18: 45},
    "vso": {17: 40, 18: 45, 19: 15},
    "isk": {16: 30, 17: 35, 18: 25, 19: 10},
    "havo": {17: 75, 18: 25},
}
"""Age reached in the school year of leaving, by track; the vmbo tracks share one spread."""
AGES_VMBO = {16: 82, 17: 16, 18: 2}

MENTOR_GROUP = {"pro": 14, "vso": 12, "isk": 15}
"""Pupils in one class; other tracks have 26."""

REGIONS = ("15", "16", "19", "20", "21", "27", "30")

POSTCODES = {
    "0344": (3511, 3585),
    "0356": (3431, 3439),
    "0321": (3991, 3995),
    "0355": (3701, 3708),
    "1904": (3601, 3609),
    "0310": (3721, 3739),
    "0353": (3401, 3404),
    "1961": (4131, 4133),
    "1581": (3941, 3959),
    "0352": (3961, 3962),
    "0312": (3981, 3981),
    "0632": (3441, 3449),
    "0736": (3641, 3648),
    "0335": (3417, 3417),
    "0331": (3411, 3411),
    "0589": (3421, 3421),
    "0307": (3811, 3829),
    "0342": (3761, 3768),
    "0345": (3901, 3907),
    "0402": (1211, 1223),
    "0513": (2801, 2809),
    "1901": (2411, 2411),
    "0216": (4101, 4105),
    "0363": (1091, 1109),
    "0512": (4201, 4208),
}
"""Municipalities that pupils live in, with the first and last four digits of their postcodes."""

NEIGHBOURS = {"0307": 22, "0342": 12, "0345": 16, "0402": 12, "0513": 8, "1901": 6, "0216": 14, "0363": 6, "0512": 4}
"""Municipalities outside the region that pupils come from, with weights."""

FIRST_NAMES = (
    "Daan", "Sem", "Lucas", "Levi", "Finn", "Noah", "Milan", "Luuk", "Bram", "Thijs", "Jesse", "Stijn",
    "Ruben", "Tygo", "Sven", "Niek", "Joris", "Koen", "Lars", "Mees", "Emma", "Julia", "Sanne", "Lotte",
    "Fleur", "Anouk", "Eva", "Lieke", "Noor", "Roos", "Isa", "Femke", "Britt", "Maud", "Tess", "Iris",
    "Nina", "Jasmijn", "Merel", "Fenna", "Mohammed", "Youssef", "Amir", "Bilal", "Ayoub", "Yassin", "Emir",
    "Kerem", "Mustafa", "Ibrahim", "Samir", "Rayan", "Dilan", "Elif", "Zeynep", "Aylin", "Meryem", "Fatima",
    "Salma", "Imane", "Nour", "Hiba", "Amina", "Safa", "Rania", "Jayden", "Shanice", "Giovanni", "Rowan",
    "Chaya", "Sharon", "Jaïr", "Kofi", "Abena", "Kwame", "Jakub", "Oliwia", "Kacper", "Zofia", "Filip",
    "Maja", "Dario", "Elena", "Andrei", "Ana", "Mihai", "Ivana", "Yara", "Hamza", "Lina", "Omar", "Selam",
    "Yonas", "Zoë", "Danté",
)  # fmt: skip

LAST_NAMES = (
    ("", "Jansen"), ("", "Bakker"), ("", "Visser"), ("", "Smit"), ("", "Meijer"), ("", "Mulder"), ("", "Bos"),
    ("", "Vos"), ("", "Peters"), ("", "Hendriks"), ("", "Dekker"), ("", "Brouwer"), ("", "Dijkstra"), ("", "Kok"),
    ("", "Jacobs"), ("", "Vermeulen"), ("", "Schouten"), ("", "Willems"), ("", "Hoekstra"), ("", "Koster"),
    ("", "Prins"), ("", "Huisman"), ("", "Postma"), ("", "Kuipers"), ("", "Veenstra"), ("", "Kramer"),
    ("van den", "Berg"), ("van", "Dijk"), ("de", "Boer"), ("van der", "Meer"), ("de", "Groot"), ("de", "Wit"),
    ("van", "Leeuwen"), ("van der", "Linden"), ("van den", "Heuvel"), ("de", "Haan"), ("van", "Beek"),
    ("van der", "Veen"), ("van", "Vliet"), ("de", "Bruin"), ("van der", "Heijden"), ("ter", "Horst"), ("'t", "Hoen"),
    ("in 't", "Veld"), ("van 't", "Hof"), ("el", "Amrani"), ("", "Yılmaz"), ("", "Kaya"), ("", "Demir"),
    ("", "Çelik"), ("", "Şahin"), ("", "Aydın"), ("", "Bouzidi"), ("", "Ouali"), ("", "Benali"), ("el", "Idrissi"),
    ("", "Haddou"), ("", "Azzouzi"), ("", "Tahiri"), ("", "Ramdin"), ("", "Pinas"), ("", "Kromosoeto"),
    ("", "Sewnarain"), ("", "Martina"), ("", "Mensah"), ("", "Owusu"), ("", "Tesfay"), ("", "Haile"), ("", "Kowalski"),
    ("", "Nowak"), ("", "Wiśniewska"), ("", "Ionescu"), ("", "Popa"), ("", "Petrov"), ("", "Al Hassan"),
    ("", "Darwish"),
)  # fmt: skip
