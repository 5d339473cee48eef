#!/usr/bin/env python3
"""L’électricité d’une commande, depuis Python, sans rien installer d’autre que sobria.

    python3 mesurer.py python3 train.py
"""

import json
import subprocess
import sys


def mesurer(commande, releve="mesure.json"):
    """Lance la commande sous mesure ; rend son code de sortie et son relevé."""
    code = subprocess.run(["sobria", "measure", "--quiet", "--zone", "FRA", "--json", releve, "--", *commande]).returncode
    with open(releve, encoding="utf-8") as fichier:
        return code, json.load(fichier)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    code, releve = mesurer(sys.argv[1:])
    fourchette = releve["it_energy_range_kwh"]
    part = 100 * releve["measured_fraction"]
    print(f"{releve['it_energy_kwh']:.3g} kWh, mesurés à {part:.0f} %", file=sys.stderr)
    print(f"entre {fourchette['low']:.3g} et {fourchette['high']:.3g} kWh", file=sys.stderr)
    print(f"{releve['emissions_g']['central']:.3g} g CO₂e", file=sys.stderr)
    # Le code de la commande reste celui du script.
    sys.exit(code)
