"""The code lists of the wire, each with its source. A list grows within a version; a code keeps its meaning."""

from typing import Annotated

from shared.schemas.envelope import Code
from shared.schemas.vocabulary.limits import CodeList

ROLES = CodeList(
    "Gedragslijn regionale samenwerking in de overstap naar het mbo; functies in vo, mbo en gemeente",
    {
        "mentor": "Mentor in het vo",
        "decaan": "Decaan in het vo",
        "care_coordinator": "Zorg- of ondersteuningscoördinator",
        "intaker": "Intaker in het mbo",
        "intake_coordinator": "Coördinator van de intake in het mbo",
        "slber": "Studieloopbaanbegeleider in het mbo",
        "team_leader": "Teamleider in het mbo",
        "transition_coach": "Overstapcoach",
        "leerplicht": "Leerplichtambtenaar",
        "doorstroompunt": "Medewerker van het Doorstroompunt",
        "region_coordinator": "Coördinator van de regio",
        "pupil": "Leerling",
        "parent": "Ouder of verzorger",
    },
)
TRANSFER_CATEGORIES = CodeList(
    "Besluit uitwisseling leer- en begeleidingsgegevens (BWBR0031619), artikel 3 tot en met 7: een gesloten lijst",
    {
        "administrative": "Administratieve gegevens (artikel 3)",
        "education_history": "Onderwijshistorie (artikel 4)",
        "results": "Leerresultaten (artikel 4)",
        "internship_and_work": "Stage en werk (artikel 4)",
        "advice": "Adviezen (artikel 4)",
        "cognitive": "Cognitieve ontwikkeling (artikel 4)",
        "social_emotional": "Sociaal-emotionele ontwikkeling en gedrag (artikel 5)",
        "support": "Begeleiding en belemmeringen bij het onderwijs (artikel 6)",
        "absence": "Ongeoorloofd verzuim van het jaar ervoor (artikel 7)",
    },
)
OTHER_ROUTES = CodeList(
    "Vervolgkeuze vo zoals de decaan die vaststelt; uitzonderingen van de vsv-telling (Regeling prestatiebox)",
    {
        "repeats_year": "Doubleert in het vo",
        "havo": "Gaat naar de havo",
        "vavo": "Gaat naar het vavo",
        "mbo_elsewhere": "Gaat naar een mbo dat hier niet meedoet",
        "stays_in_vso_or_pro": "Blijft volgens plan in het vso of praktijkonderwijs",
        "work": "Gaat werken",
        "private_education": "Gaat naar niet-bekostigd onderwijs",
        "abroad": "Gaat naar het buitenland",
        "exempt": "Heeft een vrijstelling (Leerplichtwet, artikel 5 of 15)",
        "closed_institution": "Verblijft in een gesloten instelling",
        "deceased": "Is overleden",
    },
)
ROUTE_EVIDENCE = CodeList(
    "Praktijk van regionale afspraken",
    {
        "school_statement": "Verklaring van de school",
        "parent_statement": "Verklaring van ouder of leerling",
        "enrolment": "Bewijs van inschrijving",
        "contract": "Arbeidsovereenkomst",
        "municipality": "Bericht van de gemeente",
    },
)
CONCERN_REASONS = CodeList(
    "Praktijk van mentoren en decanen; alleen wat om aandacht vraagt, nooit de zorginhoud",
    {
        "choice_in_doubt": "Twijfelt over de keuze",
        "contact_lost": "Is niet te bereiken",
        "often_absent": "Is vaak afwezig",
        "progress": "De voortgang stokt",
        "support_needed": "Heeft begeleiding nodig bij de overstap",
        "start_uncertain": "Het is niet zeker of de leerling begint",
        "wants_to_stop": "Wil stoppen met de opleiding",
        "other": "Anders",
    },
)
CONCERN_RESOLUTIONS = CodeList(
    "Praktijk van mentoren en decanen",
    {
        "talked": "Er is gesproken",
        "support_arranged": "Begeleiding is geregeld",
        "choice_adjusted": "De keuze is aangepast",
        "no_ground": "Er was geen reden tot zorg",
        "entered_in_error": "Ten onrechte gemeld",
        "other": "Anders",
    },
)
TALK_MISSED = CodeList(
    "Praktijk van warme overdracht",
    {
        "vo_absent": "De school was er niet",
        "mbo_absent": "Het mbo was er niet",
        "pupil_absent": "De leerling was er niet",
        "cancelled": "Afgezegd",
        "other": "Anders",
    },
)
FOLLOW_UPS = CodeList(
    "Praktijk van warme overdracht",
    {
        "call_pupil": "De leerling bellen",
        "call_parents": "De ouders bellen",
        "plan_visit": "Een kennismaking plannen",
        "arrange_support": "Begeleiding regelen",
        "send_information": "Informatie nasturen",
        "involve_officer": "Leerplicht of Doorstroompunt betrekken",
        "other": "Anders",
    },
)
INTAKE_MISSED = CodeList(
    "Praktijk van intake in het mbo",
    {
        "no_show": "Niet verschenen",
        "pupil_cancelled": "Afgezegd door de aanmelder",
        "institution_cancelled": "Afgezegd door de instelling",
        "not_reachable": "Niet te bereiken",
        "other": "Anders",
    },
)
NOT_STARTED = CodeList(
    "Praktijk van regionale afspraken; terugkoppeling van het mbo aan de school van herkomst",
    {
        "not_reachable": "Niet te bereiken",
        "ill": "Ziek gemeld",
        "elsewhere": "Begonnen op een andere instelling",
        "work": "Is gaan werken",
        "changed_mind": "Ziet af van de opleiding",
        "unknown": "Onbekend",
    },
)
ABSENCE_KINDS = CodeList(
    "Leerplichtwet artikel 21a; WEB artikel 8.1.7 en 8.1.8a; soorten in het Verzuimregister van DUO",
    {
        "hours_16_in_4_weeks": "16 uur in 4 lesweken, onder de 18",
        "hours_16_in_4_weeks_18_plus": "16 uur in 4 lesweken, 18 jaar en ouder",
        "long_term": "Langer dan 4 weken afwezig (LRV)",
        "holiday": "Luxeverzuim",
        "doorstroompunt_18_plus": "Doorstroompunt, 18 jaar en ouder",
        "other": "Overig verzuim",
    },
)
ABSENCE_CLOSED = CodeList(
    "Besluit verzuimmelding (BWBR0027085): reden van afsluiten",
    {
        "back_to_school": "Terug naar school",
        "left_for_education": "Uitgeschreven, andere opleiding",
        "left_for_work": "Uitgeschreven, werk",
        "long_term_ill": "Langdurig ziek",
        "legitimate": "Geoorloofd afwezig",
        "deceased": "Overleden",
        "other": "Overige",
    },
)
DESTINATIONS = CodeList(
    "Effectrapportage RMC (BWBR0031387): bestemming; aangevuld met onderwijssoorten",
    {
        "other_mbo": "Andere mbo-instelling",
        "same_mbo": "Andere opleiding op dezelfde instelling",
        "secondary": "Voortgezet onderwijs of vavo",
        "higher": "Hoger onderwijs",
        "work": "Werk",
        "care_or_detention": "Zorg of detentie",
        "abroad": "Buitenland",
        "no_day_activity": "Geen dagbesteding",
        "not_traceable": "Verhuisd of niet te vinden",
        "deceased": "Overleden",
        "unknown": "Onbekend",
    },
)
SITUATIONS = CodeList(
    "Regionale afspraak, onderdeel custody (protocol 6); Leerplichtwet artikel 4a; WEB artikel 7.2.2 en 8.3.2",
    {
        "expected": "Geen inschrijving in het mbo; de vo-school verwacht de overstap",
        "origin_unknown": "De vo-school is niet bekend",
        "enrolled": "Ingeschreven in het mbo, voor 1 augustus",
        "enrolled_not_started": "Ingeschreven in het mbo, nog niet begonnen, vanaf 1 augustus",
        "started": "Begonnen in het mbo",
        "holidays": "Geen inschrijving, in een schoolvakantie",
        "left_under_18": "Vertrokken of nooit aangekomen, onder de 18 en zonder startkwalificatie",
        "left_18_plus": "Vertrokken of nooit aangekomen, 18 jaar of ouder en zonder startkwalificatie",
        "several_enrolments": "Ingeschreven bij meer instellingen, voor 1 oktober",
        "one_of_several": "Ingeschreven bij meer instellingen, vanaf 1 oktober",
        "qualified": "Vertrokken of nooit aangekomen, met een startkwalificatie",
        "above_age_limit": "Vertrokken of nooit aangekomen, boven de leeftijdsgrens",
        "not_resident": "Vertrokken of nooit aangekomen, woont niet in Nederland",
        "other_route": "De school bevestigde een andere route",
        "deceased": "Overleden",
        "returned": "Teruggegeven door wie de leerling kreeg aangeboden",
    },
)
CUSTODY_RETURNS = CodeList(
    "Regionale afspraken: teruggeven kan alleen met een reden",
    {
        "not_resident": "Woont niet in deze gemeente of regio",
        "wrong_organisation": "Hoort bij een andere organisatie",
        "already_placed": "Heeft al een plek",
        "outside_task": "Valt buiten de wettelijke taak",
        "other": "Anders",
    },
)
CUSTODY_OFFERS = CodeList(
    "Regionale afspraak, onderdeel custody (protocol 6)",
    {
        "offered": "Nog niet beantwoord",
        "accepted": "Aanvaard",
        "in_effect": "Wettelijk ingegaan, nog niet bevestigd",
        "returned": "Teruggegeven",
        "settled": "Teruggegeven en afgehandeld",
        "lapsed": "Vervallen, omdat de situatie een andere werd",
    },
)
REOPENINGS = CodeList(
    "Gronden waarop een afgesloten overstap opnieuw begint",
    {
        "new_application": "Nieuwe aanmelding",
        "route_ended": "De andere route is gestopt",
        "enrolment_ended": "De inschrijving is gestopt",
        "closed_in_error": "Ten onrechte afgesloten",
    },
)

Role = Annotated[Code, ROLES]
Category = Annotated[Code, TRANSFER_CATEGORIES]
