"""A small archive, as the real one sounds: what is written of each episode, what is said in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from auposte.slugs import french_slug
from broadcasts.models import Broadcast, Cue, Transcript
from broadcasts.services.passages import rebuild_passages
from guests.models import Guest
from tests.factories import BroadcastFactory, GuestFactory, SeriesFactory, TagFactory


@dataclass(frozen=True)
class Episode:
    """`said` is a passage a line, each a minute after the one before; `guests` are `First Last`."""

    slug: str
    title: str
    dek: str = "Un entretien, sans montage."
    body: str = ""
    guests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


EPISODES = (
    Episode(
        "dufresne",
        "Un pays qui se tient sage, dix ans après",
        guests=("David Dufresne",),
        tags=("Violences policières", "Cinéma"),
        said=(
            "Alors on a filmé des gens qui regardent les images, et qui parlent.",
            "Le monopole de la violence légitime, c’est Max Weber, et chacun le cite de travers.",
        ),
    ),
    Episode(
        "maintien",
        "Maintien de l’ordre : une histoire à rebours",
        dek="De la matraque au grenadage, un siècle de doctrine.",
        guests=("Vanessa Codaccioni",),
        tags=("Maintien de l’ordre", "Histoire"),
        said=("La doctrine du maintien de l'ordre change après mai soixante-huit.",),
    ),
    Episode(
        "policieres",
        "Elles portent l’uniforme",
        dek="Trois policières racontent le commissariat.",
        said=("Quand je suis entrée dans la brigade on était deux femmes, deux policières.",),
    ),
    Episode(
        "bac",
        "Dans la BAC de nuit",
        dek="Un ancien brigadier parle.",
        guests=("Abdel Kébir",),
        said=("La brigade anticriminalité, la B.A.C., c'est une culture du flagrant délit.",),
    ),
    Episode(
        "democratie",
        "La démocratie est-elle un mot creux ?",
        guests=("Barbara Stiegler",),
        tags=("Démocratie",),
        said=("On nous dit démocratie, mais on décide sans nous, et le tirage au sort fait peur.",),
    ),
    Episode(
        "retraites",
        "Retraites : le calcul du soir",
        dek="Ce que le recours au 49.3 a changé.",
        said=(
            "Et là la Première ministre annonce l'article 49 3, à seize heures, et ça hurle.",
            "Partir à soixante-quatre ans quand on porte des charges, dites-le aux égoutiers.",
        ),
    ),
    Episode(
        "gilets",
        "Les ronds-points, six ans plus tard",
        tags=("Gilets jaunes",),
        guests=("Jérôme Rodrigues",),
        said=("Les gilets jaunes c'était la première fois que je parlais à mes voisins.",),
    ),
    Episode(
        "oeuvre",
        "L’œuvre et le militant",
        dek="Peut-on séparer quoi que ce soit ?",
        tags=("Cinéma", "Littérature"),
        guests=("Annie Ernault",),
        said=("Une œuvre, ça ne tombe pas du ciel, il y a des mains d'œuvre derrière.",),
    ),
    Episode(
        "etat",
        "L’État de droit à l’épreuve",
        guests=("Paul Cassia",),
        tags=("État d’urgence", "Droit"),
        said=("L'état d'urgence est entré dans le droit commun sans faire de bruit.",),
    ),
    Episode(
        "bassines",
        "Sainte-Soline, le jour d’après",
        dek="Mégabassines, grenades et soins de campagne.",
        tags=("Écologie", "Maintien de l’ordre"),
        said=(
            "On a compté plus de cinq mille grenades en deux heures, pour un trou dans un champ.",
            "Les secours n'ont pas pu passer, les médics l'ont dit et redit.",
        ),
    ),
    Episode(
        "ia",
        "IA : le progrès version Mad Max",
        guests=("Lou Welgryn", "Théo Alves da Costa"),
        tags=("Numérique", "Écologie"),
        said=("Un centre de données, ça boit l'eau d'une ville moyenne pour refroidir des puces.",),
    ),
    Episode(
        "hopital",
        "Nuit blanche à l’hôpital",
        guests=("Sabrina Ali Benali",),
        said=(
            "Les infirmières font des doubles gardes et les urgentistes dorment dans le couloir.",
            "On ferme des lits et on ouvre des tableaux de bord.",
        ),
    ),
    Episode(
        "controle",
        "Contrôle au faciès : la preuve par le chiffre",
        tags=("Discriminations", "Police"),
        guests=("Slim Ben Achour",),
        said=(
            "Vingt fois plus de risques d'être contrôlé quand on est perçu comme noir ou arabe.",
        ),
    ),
    Episode(
        "prison",
        "Compter les prisonniers",
        dek="La surpopulation carcérale vue des coursives.",
        said=("Il y a des matelas au sol, trois détenus dans neuf mètres carrés.",),
    ),
    Episode(
        "drones",
        "Le drone, le lampadaire et le préfet",
        dek="La surveillance algorithmique arrive par le mobilier urbain.",
        guests=("Félix Tréguer",),
        tags=("Surveillance", "Numérique"),
        said=(
            "La reconnaissance faciale, on l'essaie toujours sur ceux qui ne peuvent pas refuser.",
        ),
    ),
    Episode(
        "nasses",
        "Nasses, une géométrie de la peur",
        tags=("Maintien de l’ordre",),
        said=(
            "Ils nous ont encerclés place de la République, une nasse, quatre heures sans bouger.",
            "Le préfet de police parle de sécuriser, nous on appelle ça priver de liberté.",
        ),
    ),
    Episode(
        "lbd",
        "Mutilé·es pour l’exemple",
        dek="Le lanceur de balles de défense et ceux qu’il a éborgnés.",
        guests=("Jérôme Rodrigues", "Mélanie N’goyé-Gaham"),
        tags=("Violences policières",),
        said=("J'ai perdu mon œil à la Bastille, je filmais, j'avais le téléphone à la main.",),
    ),
    Episode(
        "presse",
        "Qui possède les journaux ?",
        guests=("Julia Cagé",),
        tags=("Médias",),
        said=(
            "Neuf milliardaires, et quatre-vingt-dix pour cent des ventes de quotidiens nationaux.",
        ),
    ),
    Episode(
        "ecole",
        "Trente-quatre par classe",
        guests=("Laurence De Cock",),
        tags=("École",),
        said=("L'école publique, on l'étrangle doucement, et on félicite les professeurs.",),
    ),
    Episode(
        "commune",
        "La Commune n’est pas morte",
        guests=("Ludivine Bantigny",),
        tags=("Histoire", "Commune de Paris"),
        said=("Les communardes tenaient les barricades, et l'histoire a préféré les oublier.",),
    ),
    Episode(
        "mer",
        "Secourir en mer",
        dek="À bord d’un navire de sauvetage, au large de la Libye.",
        tags=("Exil", "Frontières"),
        said=("Le bateau était plein d'exilés, on a entendu les gens avant de les voir.",),
    ),
    Episode(
        "justice",
        "Comparutions immédiates",
        dek="Une avocate, vingt minutes, six mois ferme.",
        guests=("Raphaël Kempf",),
        tags=("Justice",),
        said=("On juge des vies en vingt minutes, le procureur n'a pas levé les yeux.",),
    ),
    Episode(
        "feminisme",
        "Féminisme et police, l’impossible plainte",
        guests=("Valérie Rey-Robert",),
        tags=("Féminisme", "Police"),
        said=(
            "Elle va porter plainte au commissariat et on lui demande comment elle était habillée.",
        ),
    ),
    Episode(
        "musique",
        "Le rap devant les juges",
        tags=("Musique",),
        said=("On a fait lire mes paroles au tribunal comme si c'était des aveux.",),
    ),
    Episode(
        "paysans",
        "La terre, le prix du lait",
        tags=("Agriculture", "Écologie"),
        said=("Je vends mon lait moins cher qu'il ne me coûte, chaque matin, depuis onze ans.",),
    ),
    Episode(
        "chiffres",
        "Les chiffres du ministère",
        dek="Comment compter une manifestation.",
        said=("Quatre-vingt mille selon la police, cinq cent mille selon les syndicats.",),
    ),
    Episode(
        "revue",
        "Revue de presse de la bonne humeur",
        said=("On ouvre Le Figaro, on referme Le Figaro, et on reprend un café.",),
    ),
    Episode(
        "algerie",
        "Paris, 17 octobre 1961",
        dek="Le massacre, le silence, les archives.",
        guests=("Fabrice Riceputi",),
        tags=("Histoire", "Colonialisme"),
        said=("Des corps dans la Seine, et le préfet Papon qui dit qu'il ne s'est rien passé.",),
    ),
    Episode(
        "logement",
        "Expulsés au printemps",
        tags=("Logement",),
        said=(
            "La trêve hivernale se termine et la préfecture envoie les huissiers dès six heures.",
        ),
    ),
    Episode(
        "syndicats",
        "Faire grève, encore",
        guests=("Sophie Binet",),
        tags=("Travail",),
        said=("La grève, ça s'organise caisse par caisse, cheminots, raffineurs, enseignantes.",),
    ),
)


def write_corpus() -> None:
    """The archive in the database, its passages built. Newest last in the list above."""
    now = timezone.now()
    people: dict[str, Guest] = {}
    tags = {name: TagFactory(name=name, slug=french_slug(name)) for name in
            sorted({name for episode in EPISODES for name in episode.tags})}  # fmt: skip
    series = SeriesFactory(title="Causerie", slug="causerie")
    for age, episode in enumerate(reversed(EPISODES), 1):
        for name in episode.guests:
            first, last = name.split(" ", 1)
            people[name] = people.get(name) or GuestFactory(
                first_name=first, last_name=last, slug=french_slug(name), title=""
            )
        broadcast = BroadcastFactory(
            slug=episode.slug,
            title=episode.title,
            dek=episode.dek,
            body_opening=f"<p>{episode.body}</p>",
            body_rest="",
            series=series,
            published_at=now - dt.timedelta(days=age),
            tagged=[tags[name] for name in episode.tags],
            with_guests=[people[name] for name in episode.guests],
        )
        say(broadcast, *episode.said)


def say(broadcast: Broadcast, *lines: str, minutes: int = 1, **facts: object) -> Transcript:
    """A transcript in which each line is a passage, `minutes` after the one before."""
    facts = {"origin": Transcript.Origin.UPLOAD, "language": "fr", **facts}
    transcript = Transcript.objects.create(broadcast=broadcast, **facts)
    Cue.objects.bulk_create(
        Cue(
            transcript=transcript,
            position=position,
            start_ms=position * minutes * 60_000,
            end_ms=position * minutes * 60_000 + 20_000,
            text=line,
        )
        for position, line in enumerate(lines)
    )
    rebuild_passages(broadcast.pk)
    return transcript
