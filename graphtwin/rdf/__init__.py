"""A world as RDF: written as N-Quads, turned into the other forms, and read back to be checked."""

from graphtwin.rdf.export import Exported, export
from graphtwin.rdf.export_hash import FORMATS, hash_of_export
from graphtwin.rdf.forms import Form

__all__ = ["FORMATS", "Exported", "Form", "export", "hash_of_export"]
