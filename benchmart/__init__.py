"""The console command: thin verbs over loaders, dbt and site_builder."""

__version__ = "0.8.0"
