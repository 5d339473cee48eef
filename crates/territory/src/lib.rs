//! Directory of French local authorities, their coordinates, and the base map.
