"""What somebody in a role comes to do, on the start page; in a demo also what a visitor may try first."""

from dataclasses import dataclass

from shared.core.actor import Role
from shared.web.texts import marked


@dataclass(frozen=True, slots=True)
class Stop:
    """A page with what is done there; both texts are message ids."""

    path: str
    title: str
    text: str


PICTURE = Stop(
    "/signals/",
    marked("See how the region is doing"),
    marked("Figures of the whole region, in which no pupil can be recognised."),
)
SIGNALS = Stop(
    "/notifications/",
    marked("Answer a signal"),
    marked("Open a signal, read why you get it, and confirm receipt. Finish it when it is done."),
)
ACTIONS = Stop(
    "/coordination/",
    marked("Close an action"),
    marked("See what must be done before when, and who has the pupil now. Close what you have done."),
)
CLASS_LIST = Stop(
    "/dossier/",
    marked("Record a choice"),
    marked("Your pupils stand in groups. At the top are those without a choice: record what they choose."),
)
HAND_OVER = Stop(
    "/dossier/#ready",
    marked("Hand over a dossier"),
    marked("Choose a pupil who is ready. Check what the institution can read, and hand over."),
)
HAND_IN = Stop(
    "/dossier/import",
    marked("Hand in a file"),
    marked("First see what would happen and which rows are wrong. Nothing is saved until you confirm."),
)
RECEIVED = Stop(
    "/dossier/received",
    marked("Open a dossier"),
    marked("A school handed it over. Read it, and take it over or refuse it. The school sees what you do."),
)
INTAKES = Stop(
    "/intake/",
    marked("Record the outcome of an intake"),
    marked("The oldest applications stand at the top. Record a date and an outcome."),
)
REGION = Stop(
    "/coordination/region",
    marked("See where pupils wait"),
    marked("How far all pupils are, who is responsible for them, and who is late."),
)
FORMER = Stop(
    "/dossier/feedback/figures",
    marked("See what became of former pupils"),
    marked("Figures per school, made on fixed days after pupils went to the mbo."),
)
MINE = Stop(
    "/dossier/mine",
    marked("See what we know of you"),
    marked("Who helps you now, what comes next, and what you still have to do."),
)
WRITE = Stop(
    "/dossier/mine/career",
    marked("Work on your loopbaandossier"),
    marked("Write what you did and what you know about yourself now."),
)
SHARE = Stop(
    "/dossier/mine/sharing",
    marked("Decide what you share"),
    marked("An mbo reads only what you choose. You can always change your mind."),
)
READERS = Stop(
    "/dossier/mine/readers",
    marked("See who reads along"),
    marked("Which school or organisation may see what, and who looked."),
)

STOPS: dict[Role, tuple[Stop, ...]] = {
    Role.MENTOR: (SIGNALS, CLASS_LIST, ACTIONS, PICTURE),
    Role.DECAAN: (HAND_OVER, SIGNALS, HAND_IN, ACTIONS, PICTURE),
    Role.INTAKER: (INTAKES, RECEIVED, SIGNALS, PICTURE),
    Role.INTAKE_COORDINATOR: (RECEIVED, INTAKES, SIGNALS, ACTIONS, PICTURE),
    Role.SLBER: (RECEIVED, INTAKES, SIGNALS, PICTURE),
    Role.LEERPLICHT: (SIGNALS, ACTIONS, PICTURE),
    Role.DOORSTROOMPUNT: (SIGNALS, ACTIONS, PICTURE),
    Role.REGION_COORDINATOR: (REGION, SIGNALS, PICTURE),
    Role.LOB_CONTACT: (PICTURE, FORMER),
    Role.PUPIL: (MINE, WRITE, SHARE, READERS),
}
"""In the order in which they are done; roles without stops get the menu."""

ABOUT: dict[Role, str] = {
    Role.MENTOR: marked("Has a class, and hears first when a pupil does not apply."),
    Role.DECAAN: marked("Sees all pupils of the school and hands over dossiers."),
    Role.INTAKER: marked("Holds intakes and records the outcome."),
    Role.INTAKE_COORDINATOR: marked("Sees all applications and takes over dossiers."),
    Role.SLBER: marked("Guides the student in the mbo."),
    Role.LEERPLICHT: marked("Hears about pupils under 18 in the own municipality."),
    Role.DOORSTROOMPUNT: marked("Hears about young people from 18 in the region."),
    Role.PUPIL: marked("Sees what is known, writes the own part, and decides what is shared."),
    Role.REGION_COORDINATOR: marked("Sees where pupils in the region wait, and the figures."),
    Role.LOB_CONTACT: marked("Sees figures about former pupils of the region, no single pupil."),
}
STEPS = (
    marked("The school tells which pupils go to the mbo, and what they choose."),
    marked("The mbo institution tells of the application and of the intake."),
    marked("The school hands over the dossier. The institution opens it and takes it over. The school sees that."),
    marked("Is something left undone? Then one person gets a signal, and later somebody else who can help."),
    marked("The region sees figures in which no pupil can be recognised."),
)
"""How a pupil gets from one school to the other, for who is new here."""
