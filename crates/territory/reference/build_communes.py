#!/usr/bin/env python3
"""Makes communes.tsv.gz from the npm package @etalab/decoupage-administratif and a table of coordinates.

Usage, from this folder:
    npm pack @etalab/decoupage-administratif@6.0.0 && tar xzf etalab-decoupage-administratif-6.0.0.tgz
    python3 build_communes.py package/data commune_coordinates.csv
The coordinates come as insee, lat, lon, basis. Same inputs give the same bytes.
"""
import csv
import gzip
import io
import json
import sys

folder, coordinates = sys.argv[1:3]
points = {r["insee"]: r for r in csv.DictReader(open(coordinates, encoding="utf-8"))}
communes = json.load(open(f"{folder}/communes.json", encoding="utf-8"))
departements = json.load(open(f"{folder}/departements.json", encoding="utf-8"))
regions = {r["code"]: r["nom"] for r in json.load(open(f"{folder}/regions.json", encoding="utf-8"))}

out = io.StringIO()
for c in sorted((c for c in communes if c["type"] == "commune-actuelle"), key=lambda c: c["code"]):
    p = points[c["code"]]
    departement = c.get("departement") or c.get("collectiviteOutremer", {}).get("code") or c["code"][:3]
    out.write("\t".join([
        c["code"], c.get("siren") or "", c["nom"], str(c.get("population", "")), departement,
        p["lat"], p["lon"], p["basis"][0],
    ]) + "\n")
with open("communes.tsv.gz", "wb") as f:
    with gzip.GzipFile(fileobj=f, mode="wb", mtime=0, compresslevel=9, filename="") as z:
        z.write(out.getvalue().encode("utf-8"))

with open("departements.tsv", "w", encoding="utf-8", newline="") as f:
    w = csv.writer(f, delimiter="\t", lineterminator="\n")
    w.writerow(["code", "name", "region", "region_name"])
    for d in departements:
        region = d.get("region") or d["code"]
        w.writerow([d["code"], d["nom"], region, regions.get(region, d["nom"])])
