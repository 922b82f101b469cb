"""Snapshots of the marts, and receipts by which a reader checks them without the warehouse."""
