"""French titles, descriptions and subtitles for videos that nobody shot. No one here is real."""

from __future__ import annotations

import datetime as dt
import random
import re
import unicodedata
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

TOPICS = """
Le barrage|La préfecture|L’arrêté municipal|La caserne|Le procès-verbal|La cantine|Le drone|La gare|
Le tribunal|La zone grise|L’hôpital|Le lycée|La caisse noire|Le fichier|La rocade|La nuit du 8|
Le rapport caché|La scierie|L’huissière|Le squat|La rivière|Le péage|La consigne|Le loyer|
L’expulsion|La forêt|Le standard|La plainte|Le logiciel|La patrouille|L’antenne|Le guichet|
La décharge|L’atelier|Le quai|La place|L’assemblée|Le silo|La grève|Le tract
""".replace("\n", "").split("|")

ANGLES = """
ce que disent les pièces|qui paie, qui encaisse|le récit de celles qui y étaient|trois ans après|
l’envers du communiqué|mode d’emploi|une affaire d’État, ou de voisinage|les mots des autres|
à huis clos|pourquoi personne n’a rien vu|enquête sur une absence|le droit et la manière|
la carte et les tranchées|histoire d’un mensonge utile|combien ça coûte|
la parole aux premiers rangs|l’art de ne pas répondre|une page arrachée|
nos questions au ministère|ce qu’il en reste|
le dossier, de bout en bout|vu d’en bas|les chiffres qui manquent|on refait le chemin|
la peur au ventre|retour sur image|le jour d’après|contre-plongée
""".replace("\n", "").split("|")

REGULAR = (
    "La revue de presse, à voix haute",
    "Questions du tchat, sans filet",
    "Le bulletin du vendredi",
    "Table ronde : l’actualité au poste",
)

CHAPTERS = """
Bonsoir|Les faits, dans l’ordre|La version officielle|Première pièce|Le témoin|Ce que dit la loi|
Les archives|Un détail qui compte|La réponse du préfet|Sur le terrain|Parenthèse|Les chiffres|
Questions du tchat|Et maintenant ?|Le mot de la fin
""".replace("\n", "").split("|")

SENTENCES = """
Alors, reprenons depuis le début, parce que l’ordre des choses compte.|
On nous a dit que la caméra ne marchait pas ce soir-là.|
Ce n’est pas ce qui est écrit dans le rapport, page douze.|
Vous étiez sur place, vous, qu’est-ce que vous avez vu ?|
Il y avait du monde, mais personne n’a été entendu.|
Je précise, pour celles et ceux qui nous rejoignent.|
La question a été posée trois fois au ministère.|
Nous n’avons pas reçu de réponse à l’heure où nous parlons.|
C’est là que l’affaire devient intéressante.|
Il faut lire l’arrêté jusqu’au dernier alinéa.|
Le tchat demande si c’est légal, et c’est une bonne question.|
Je ne dis pas que c’est faux, je dis que ce n’est pas prouvé.|
On a retrouvé la facture, elle tient sur une ligne.|
Les avocates attendent toujours la copie du dossier.|
Merci de nous suivre, et de faire vivre cette émission.|
On avance, mais on y reviendra tout à l’heure.|
Le maire a signé un lundi, et le chantier a commencé le mardi.|
Ce que je retiens, c’est que tout le monde savait.
""".replace("\n", "").split("|")

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre"),
    *("octobre", "novembre", "décembre"),
)


def long_date(moment: dt.datetime) -> str:
    """`Mardi 28 octobre 2025`, in Paris."""
    day = moment.astimezone(PARIS).date()
    number = "1er" if day.day == 1 else str(day.day)
    weekday = WEEKDAYS[day.weekday()].capitalize()
    return f"{weekday} {number} {MONTHS[day.month - 1]} {day.year}"


def season_of(moment: dt.datetime, now: dt.datetime) -> int:
    """Seasons begin in September; the one of `now` is the tenth."""

    def begun(when: dt.datetime) -> int:
        day = when.astimezone(PARIS).date()
        return day.year if day.month >= 9 else day.year - 1

    return max(1, 10 - begun(now) + begun(moment))


def full_title(subject: str, season: int, number: int, moment: dt.datetime) -> str:
    """`Subject - S10E27 - Mardi 28 octobre 2025`, as the outlet names its replays."""
    return f"{subject} - S{season:02d}E{number:02d} - {long_date(moment)}"


def subject(chance: random.Random) -> str:
    """What a broadcast is about."""
    return f"{chance.choice(TOPICS)} : {chance.choice(ANGLES)}"


def slug(title: str) -> str:
    """The end of a page's address: ASCII, hyphens."""
    plain = title.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "-")
    folded = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def clock(seconds: int) -> str:
    """`04:12`, `1:52:40`: how chapters are written in descriptions."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def chapters(chance: random.Random, duration: int) -> tuple[tuple[int, str], ...]:
    """Between four and nine chapters, the first at the beginning."""
    titles = chance.sample(CHAPTERS, chance.randrange(4, 10))
    starts = sorted(chance.sample(range(60, max(duration - 30, 90)), len(titles) - 1))
    return tuple(zip((0, *starts), titles, strict=True))


def web_vtt(seed: object, duration: int) -> str:
    """Subtitles as long as the video: a sentence every five to nine seconds."""
    chance = random.Random(str(seed))
    cues, at = ["WEBVTT\n"], 2.0
    while at < duration - 10:
        end = at + chance.uniform(3, 6)
        cues.append(f"{_timestamp(at)} --> {_timestamp(end)}\n{chance.choice(SENTENCES)}\n")
        at = end + chance.uniform(0.2, 3)
    return "\n".join(cues)


def _timestamp(seconds: float) -> str:
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}.{milliseconds:03d}"
