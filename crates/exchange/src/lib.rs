//! File formats in and out: CSV, XLSX, JSON, GeoJSON, JSON-LD.
