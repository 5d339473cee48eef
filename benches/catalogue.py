#!/usr/bin/env python3
"""Writes a catalogue of invented projects in the historic shape, for benchmarks: the same one for the same numbers.

    benches/catalogue.py ROWS FILE.csv [SEED]

One carrier for nine projects, a few of them written in several ways; dates of every precision, lists with both
separators, empty cells, addresses beside notes: what real sheets hold.
"""

import csv
import random
import sys

COLUMNS = (
    "coll_nom nom_projet coll_siret latitude longitude coll_type projet_date projet_status partenaires "
    "usage_description theme sous_theme audience_service url_infos image_url date"
).split()

KINDS = {
    "Commune": ("Ville de", 21),
    "Métropole": ("Métropole de", 24),
    "Communauté d'agglomérations": ("Communauté d’agglomération de", 20),
    "Communauté de communes": ("Communauté de communes de", 24),
    "Département": ("Département de", 22),
    "Syndicat": ("Syndicat des eaux de", 25),
}
HEADS = "Mont Val Roche Bois Pré Font Clair Haute Belle Vieux Pierre Ruisse Lande Chan Mar Ser Aube Bri".split()
TAILS = "ville fort court mare lac bourg sac gny vallon mesnil tour nay rieux lande preux sault thier bec".split()
THEMES = {
    "Transition écologique": [
        "Performance énergétique", "Éclairage public", "Gestion de l'eau", "Déchets et économie circulaire",
        "Qualité de l'air et nuisances sonores", "Biodiversité et préservation des espaces naturels",
    ],
    "Administration et organisation interne": [
        "Gestion des assemblées", "Outillage système d’information", "Gestion des ressources humaines", "Aide juridique",
    ],
    "Attractivité et développement": ["Agriculture", "Culture et loisirs", "Construction et aménagement"],
    "Mobilités": ["Stationnement", "Flux et trafic", "Voirie"],
}
STATUSES = ["En expérimentation", "En déploiement", "Terminé", "Abandonné"]
AUDIENCES = ["Agent", "Élu", "Grand public", "Entreprises", "Aménageurs", "collectivités"]
PARTNERS = ["Université", "Régie des eaux", "Start-up locale", "Développé en régie", "Bailleur social", "Syndicat voisin"]
NAMES = ["Jumeau", "Veille", "Carto", "Assistant", "Prévi", "Tri", "Éco", "Signal", "Atelier", "Relevé"]
SUBJECTS = [
    "les fuites du réseau d’eau", "les repas de la cantine", "les courriers entrants", "l’entretien des arbres",
    "les dépôts sauvages", "la consommation des bâtiments", "l’état des chaussées", "la fréquentation des musées",
    "les marchés publics", "les délibérations du conseil", "la qualité de l’air", "les îlots de chaleur",
]
VERBS = ["repérer", "prévoir", "classer", "suivre", "cartographier", "décrire", "comparer", "réduire", "vérifier"]
MEANS = [
    "des images prises par les véhicules du service", "des capteurs à bas débit", "un modèle de langue ouvert",
    "une forêt aléatoire", "des séries de relevés mensuels", "des règles écrites avec les agents",
    "la vision par ordinateur", "un questionnaire aux usagers", "des données classées à la main",
]
ENDS = [
    "pour gagner du temps sur le terrain", "sans changer les outils des agents", "avec un bilan au bout de six mois",
    "afin de dépenser moins d’énergie", "dans trois quartiers d’abord", "en mesurant l’empreinte du calcul",
]


def checked(digits):
    """The digits, and the one that makes their sum of Luhn a multiple of ten."""
    total = 0
    for rank, digit in enumerate(map(int, reversed(digits))):
        double = digit if rank % 2 else digit * 2
        total += double - 9 if double > 9 else double
    return digits + str(-total % 10)


def carrier(dice):
    kind = dice.choice(list(KINDS))
    start, number = KINDS[kind]
    name = f"{start} {dice.choice(HEADS)}{dice.choice(TAILS)}-{dice.choice(HEADS)}{dice.choice(TAILS)}"
    siren = checked(f"{number}{dice.randrange(10**6):06}")
    siret = checked(f"{siren}{dice.randrange(200):04}")
    return name, kind, siret, f"{dice.uniform(43, 50):.6f}", f"{dice.uniform(-4, 7):.6f}"


def sentence(dice):
    return (
        f"{dice.choice(['Le projet', 'Le service', 'Cet outil', 'La démarche'])} sert à {dice.choice(VERBS)} "
        f"{dice.choice(SUBJECTS)} avec {dice.choice(MEANS)}, {dice.choice(ENDS)}."
    )


def project(dice, number, carriers):
    name, kind, siret, latitude, longitude = dice.choice(carriers)
    month, year = dice.randrange(1, 13), dice.randrange(2018, 2027)
    theme = dice.choice(list(THEMES))
    parts = dice.sample(THEMES[theme], dice.randrange(1, 3))
    mark = f"{dice.getrandbits(48):012x}"
    return [
        name.upper() if dice.random() < 0.05 else name,
        f"{dice.choice(NAMES)} {dice.choice(SUBJECTS).split()[-1]} {number}",
        "" if dice.random() < 0.1 else siret,
        latitude,
        longitude,
        kind,
        dice.choice([f"{month:02}/{year}", f"{month:02}/{year}", str(year), f"{year}-{month:02}-15"]),
        dice.choice(STATUSES),
        dice.choice([" | ", " - "]).join(dice.sample(PARTNERS, dice.randrange(0, 4))),
        " ".join(sentence(dice) for _ in range(dice.randrange(1, 7))),
        theme,
        " | ".join(parts),
        " | ".join(dice.sample(AUDIENCES, dice.randrange(1, 4))),
        dice.choice([f"https://{mark}.example/actualites/{year}/{dice.getrandbits(64):016x}", "", "accès interne uniquement"]),
        f"https://{mark}.example/sites/default/files/{year}-{month:02}/logo-{mark}-{number}.png" if dice.random() < 0.6 else "",
        f"{dice.randrange(1, 29):02}/{dice.randrange(1, 13):02}/{dice.randrange(2024, 2027)}",
    ]


def main():
    rows, path = int(sys.argv[1]), sys.argv[2]
    dice = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    carriers = [carrier(dice) for _ in range(max(1, rows // 9))]
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\r\n")
        out.writerow(COLUMNS)
        out.writerows(project(dice, number, carriers) for number in range(rows))


if __name__ == "__main__":
    main()
