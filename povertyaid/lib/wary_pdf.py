"""A reader of PDFs that repairs nothing.

Where an object is not where the table says, or in no table at all, pypdf looks through the whole
file for it, each time anew: a small file with many such references keeps a process busy for hours.
Scanners and printers write what is in the table.
"""

from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import pypdf
from pypdf.errors import PdfReadError
from pypdf.generic import IndirectObject, NullObject, StreamObject


def unfolding(most_bytes: int) -> AbstractContextManager[Any]:
    """For the length of the block, no stream unfolds to more: one of objects is read at one go."""
    return pypdf.apply_configuration(
        array_based_stream_maximum_output_length=most_bytes,
        brotli_maximum_output_length=most_bytes,
        lzw_maximum_output_length=most_bytes,
        run_length_maximum_output_length=most_bytes,
        zlib_maximum_output_length=most_bytes,
    )


class WaryReader(pypdf.PdfReader):
    """Raises PdfReadError for what it would have to search for, or to unfold beyond measure."""

    def __init__(self, file: BinaryIO, *, most_objects: int) -> None:
        self._most_objects = most_objects
        super().__init__(file, strict=False)

    def get_object(self, indirect_reference: int | IndirectObject) -> Any:
        number, generation = (
            (indirect_reference, 0)
            if isinstance(indirect_reference, int)
            else (indirect_reference.idnum, indirect_reference.generation)
        )
        if (generation, number) not in self.resolved_objects:
            if generation == 0 and number in self.xref_objStm:
                self._measure(self.xref_objStm[number][0])
            elif self.xref_free_entry.get(generation, {}).get(number):
                return NullObject()  # taken out by a later change of the file
            else:
                self._find(number, generation)
        return super().get_object(indirect_reference)

    def _find(self, number: int, generation: int) -> None:
        """That the object stands where the table says."""
        at = self.xref.get(generation, {}).get(number)
        if at is None:
            raise PdfReadError("a reference to an object that no table has")
        self.stream.seek(at)
        if self.read_object_header(self.stream) != (number, generation):
            raise PdfReadError("an object that is not where the table says")

    def _measure(self, number: int) -> None:
        """That a stream of objects holds no more of them than a file may: all are read at one go."""
        stream = self.get_object(number)
        if not isinstance(stream, StreamObject) or stream["/N"] > self._most_objects:  # type: ignore[operator]
            raise PdfReadError("a stream of objects beyond measure")
