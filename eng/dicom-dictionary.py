#!/usr/bin/python3
"""Writes src/Phr.Records/Dicom/dictionary.txt: tag, value representation and keyword of every element that DICOM PS3.6 names.

Run with Debian 12's python3-pydicom (2.3.1, MIT), whose tables are made from the standard's. Only these three facts of an element are taken.
Usage: eng/dicom-dictionary.py > src/Phr.Records/Dicom/dictionary.txt
"""

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

# Elements that have one representation or another, depending on others: what an implicit file's bytes are read as. XS is US or SS, as
# Pixel Representation says.
CHOICES = {"US or SS": "XS", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW", "NONE": None, "OB or OW or UN": "OW"}

for tag, (vr, _, _, _, keyword) in sorted(DicomDictionary.items()):
    vr = CHOICES.get(vr, vr)
    if vr and keyword and tag >> 16 != 0xFFFE:
        print(f"{tag:08X} {vr} {keyword}")
for mask, (vr, _, _, _, keyword) in sorted(RepeatersDictionary.items()):
    vr = CHOICES.get(vr, vr)
    if vr and keyword and mask[0] in "56":
        print(f"{mask} {vr} {keyword}")
