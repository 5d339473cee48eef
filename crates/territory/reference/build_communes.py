#!/usr/bin/env python3
"""Makes communes.tsv.gz and departements.tsv from the npm package @etalab/decoupage-administratif.

Usage, from this folder, Python alone; the package and the coordinates stay out of the repository:
    npm pack @etalab/decoupage-administratif@6.0.0 && tar xzf etalab-decoupage-administratif-6.0.0.tgz
    python3 build_communes.py package/data commune_coordinates.csv
The coordinates come as insee, lat, lon, basis. Same inputs give the same bytes.
Stops, without writing anything, when a table contradicts another.
"""
import csv
import gzip
import io
import json
import sys


def read(name):
    with open(f"{folder}/{name}.json", encoding="utf-8") as f:
        return json.load(f)


def luhn(number):
    digits = [int(c) for c in reversed(number)]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(digits)]
    return sum(doubled) % 10 == 0


def require(condition, message):
    if not condition:
        sys.exit(f"refused: {message}")


folder, coordinates = sys.argv[1:3]
with open(coordinates, encoding="utf-8") as f:
    points = {r["insee"]: r for r in csv.DictReader(f)}
departements = read("departements")
regions = {r["code"]: r for r in read("regions")}
communes = sorted((c for c in read("communes") if c["type"] == "commune-actuelle"), key=lambda c: c["code"])

codes = {c["code"] for c in communes}
sirens = [c["siren"] for c in communes if c.get("siren")]
population = sum(c.get("population") or 0 for c in communes)
require(len(codes) == len(communes), "an INSEE code appears twice")
require(len(set(sirens)) == len(sirens), "a SIREN appears twice")
require(all(map(luhn, sirens)), "a SIREN fails its check")
require(66_000_000 < population < 71_000_000, f"the population is {population}")
require(codes == set(points), f"no point for {sorted(codes ^ set(points))[:5]}")
for grouping in read("epci") + read("ept"):
    missing = [m["code"] for m in grouping["membres"] if m["code"] not in codes]
    require(not missing, f"{grouping['code']} holds unknown communes {missing}")
for place in departements + list(regions.values()):
    seat = place.get("chefLieu")
    require(not seat or seat in codes, f"{place['nom']} has an unknown seat {seat}")

out = io.StringIO()
for c in communes:
    p = points[c["code"]]
    # Communes of the overseas collectivities carry no département: the first three figures stand for it.
    departement = c.get("departement") or c["code"][:3]
    out.write("\t".join([
        c["code"], c.get("siren") or "", c["nom"], str(c.get("population", "")), departement,
        p["lat"], p["lon"], p["basis"][0], " ".join(c.get("codesPostaux") or []),
    ]) + "\n")
with open("communes.tsv.gz", "wb") as f:
    with gzip.GzipFile(fileobj=f, mode="wb", mtime=0, compresslevel=9, filename="") as z:
        z.write(out.getvalue().encode("utf-8"))

with open("departements.tsv", "w", encoding="utf-8", newline="") as f:
    w = csv.writer(f, delimiter="\t", lineterminator="\n")
    w.writerow(["code", "name", "region", "region_name"])
    for d in departements:
        region = d.get("region") or d["code"]
        w.writerow([d["code"], d["nom"], region, regions[region]["nom"] if region in regions else d["nom"]])
