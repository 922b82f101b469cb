"""Renders TOML files and the static site from the marts, and from nothing else."""
