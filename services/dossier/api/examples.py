"""An example of every file that dossier takes in (docs/csv.md)."""

PUPILS = (
    "brin_vestiging;cohort;leerlingnummer;pgn;achternaam;tussenvoegsel;roepnaam;geboortedatum;postcode;gemeentecode;"
    "leerweg;klas;startkwalificatie;mentor_email;plaatsvervanger_email\n"
    "99AA00;2027;10001;999990007;Voorbeeld;van der;Noor;2010-10-06;3724EN;0310;"
    "vmbo-bb;4bb1;N;mentor@school.example;decaan@school.example\n"
)
CHOICES = (
    "brin_vestiging;cohort;leerlingnummer;mbo_brin;crebo;niveau;leerroute;voorkeur;startdatum\n"
    "99AA00;2027;10001;99MA;25655;2;BOL;1;2027-08-30\n"
)
HANDOVERS = "brin_vestiging;cohort;leerlingnummer;mbo_brin;soort\n99AA00;2027;10001;99MA;koud\n"
DOSSIERS = (
    "brin_vestiging;cohort;leerlingnummer;onderdeel;aanwezig;tekst\n"
    "99AA00;2027;10001;results;J;Sterk in wiskunde, meer moeite met Engels\n"
)
INFORMED = "brin_vestiging;cohort;leerlingnummer;geinformeerd_op;wie;hoe\n99AA00;2027;10001;2027-02-15;ouders;brief\n"
TALKS = (
    "brin_vestiging;cohort;leerlingnummer;mbo_brin;gespreksstand;gespreksmoment;gespreksvorm;deelnemers;vo_email;"
    "mbo_email;leerling_weet_ervan;redencode\n"
    "99AA00;2027;10001;99MA;gepland;2027-06-14 14:00;telefoon;mentor slber;mentor@school.example;;J;\n"
)
EXAM_RESULTS = (
    "brin_vestiging;cohort;leerlingnummer;uitslag;leerweg_diploma;tijdvak;uitslagdatum\n"
    "99AA00;2027;10001;geslaagd;vmbo-bb;1;2027-02-26\n"
)
ROUTES = (
    "brin_vestiging;cohort;leerlingnummer;route;routestand;vanaf;tot;bewijs\n"
    "99AA00;2027;10001;havo;bevestigd;2027-08-30;;enrolment\n"
)
