#!/usr/bin/python3
"""What pydicom reads: one line of JSON for each file of its own test data, and for files that it makes here.

A line has the file's path (or its bytes, when it was made here), every element as path, representation and value, the digest of each frame's
values after rescaling, and frames as they are drawn, in bytes. DicomOracleTests reads the same files and compares.
Needs Debian's python3-pydicom and python3-numpy. Usage: oracle.py
"""
import base64
import glob
import hashlib
import io
import json
import os
import sys
import warnings

import numpy
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.pixel_data_handlers.util import apply_color_lut, apply_modality_lut, apply_voi_lut, apply_windowing, convert_color_space
from pydicom.sequence import Sequence
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

warnings.simplefilter("ignore")
TEXT = {"AE", "AS", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
NUMBERS = {"DS", "IS", "FL", "FD", "US", "SS", "UL", "SL", "SV", "UV"}
NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5"}


def values(element):
    value = element.value
    if value is None:
        return []
    many = value if isinstance(value, (pydicom.multival.MultiValue, list, tuple)) else [value]
    if element.VR in NUMBERS:
        return [float(v) for v in many if v is not None and v != ""]
    return [str(v).strip(" \0") for v in many]


def elements(dataset, path=""):
    for tag in sorted(dataset.keys()):
        if tag == 0x7FE00010:
            continue
        name = path + f"{int(tag):08X}"
        try:
            element = dataset[tag]
        except Exception:
            yield [name, "??", None]
            continue
        if element.VR == "SQ":
            yield [name, "SQ", len(element.value)]
            for i, item in enumerate(element.value):
                yield from elements(item, f"{name}/{i}/")
        elif element.VR in TEXT or element.VR in NUMBERS:
            try:
                yield [name, element.VR, values(element)]
            except ValueError:
                yield [name, "??", None]
        else:
            value = element.value
            yield [name, element.VR, hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else None]


def bytes_of(grey):
    return base64.b64encode(numpy.clip(numpy.floor(grey * 255 + 0.5), 0, 255).astype(numpy.uint8).tobytes()).decode()


def window(values, dataset, center, width, function):
    """Grey from 0 to 1 by pydicom's apply_windowing, whose scale depends on the bits stored: taken off again here."""
    one = Dataset()
    one.PhotometricInterpretation = "MONOCHROME2"
    one.PixelRepresentation, one.BitsStored = 0, 16
    one.WindowCenter, one.WindowWidth, one.VOILUTFunction = center, width, function
    return apply_windowing(values.astype(numpy.float64), one) / 65535.0


def pixels(dataset):
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    samples = int(dataset.get("SamplesPerPixel", 1))
    photometric = dataset.PhotometricInterpretation
    array = dataset.pixel_array
    if frames == 1:
        array = array[numpy.newaxis]
    result = {"frames": frames, "width": int(dataset.Columns), "height": int(dataset.Rows)}
    if photometric == "PALETTE COLOR":
        bits = dataset.RedPaletteColorLookupTableDescriptor[2]
        result["drawn"] = [base64.b64encode((apply_color_lut(a, dataset) >> (8 if bits == 16 else 0)).astype(numpy.uint8).tobytes()).decode() for a in array]
    elif samples == 3:
        if dataset.BitsAllocated == 32:
            return None
        if photometric.startswith("YBR"):
            array = convert_color_space(array, "YBR_FULL", "RGB")
        if dataset.BitsAllocated == 16:
            array = array >> 8
        result["drawn"] = [base64.b64encode(a.astype(numpy.uint8).tobytes()).decode() for a in array]
    else:
        modality = [apply_modality_lut(a, dataset).astype(numpy.float64) for a in array]
        result["values"] = [hashlib.sha256(m.astype("<f8").tobytes()).hexdigest() for m in modality]
        inverted = photometric == "MONOCHROME1"
        first = modality[0]
        if "VOILUTSequence" in dataset:
            top = (1 << int(dataset.VOILUTSequence[0].LUTDescriptor[2])) - 1
            grey = apply_voi_lut(apply_modality_lut(array[0], dataset), dataset) / top
            result["drawn"] = [bytes_of(1 - grey if inverted else grey)]
        elif "WindowCenter" in dataset and dataset.WindowCenter not in (None, ""):
            pair = dataset.WindowCenter, dataset.WindowWidth
            center, width = [p[0] if isinstance(p, pydicom.multival.MultiValue) else p for p in pair]
            if float(width) >= 1:
                grey = window(first, dataset, float(center), float(width), dataset.get("VOILUTFunction", "LINEAR"))
                result["drawn"] = [bytes_of(1 - grey if inverted else grey)]
        if first.size <= 128 * 128:
            result["windows"] = [[c, w, f, bytes_of(1 - g if inverted else g)]
                                 for c, w, f in ((40, 400, "LINEAR"), (1024.5, 1, "LINEAR"), (600, 1201, "LINEAR_EXACT"), (-300, 0.5, "LINEAR_EXACT"), (300, 700, "SIGMOID"))
                                 for g in [window(first, dataset, c, w, f)]]
    return result


def report(name, dataset, content=None):
    syntax = getattr(dataset.file_meta, "TransferSyntaxUID", None)
    one = {"file": name, "syntax": str(syntax), "elements": list(elements(dataset))}
    if content is not None:
        one["bytes"] = base64.b64encode(content).decode()
    if "PixelData" in dataset and str(syntax) in NATIVE:
        try:
            one["pixels"] = pixels(dataset)
        except Exception as e:
            one["error"] = f"{type(e).__name__}: {e}"
    print(json.dumps(one))


def made(name, syntax, array, **attributes):
    """A file of our own, written by pydicom and read back by it."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = UID("1.2.840.10008.5.1.4.1.1.7"), UID("2.25.7"), syntax
    dataset = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.is_implicit_VR, dataset.is_little_endian = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality, dataset.PatientName = meta.MediaStorageSOPClassUID, "2.25.7", "OT", "Made^Here"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PixelRepresentation = 1, "MONOCHROME2", 0
    dataset.Rows, dataset.Columns = array.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = array.dtype.itemsize * 8
    for key, value in attributes.items():
        setattr(dataset, key, value)
    dataset.HighBit = attributes.get("HighBit", dataset.BitsStored - 1)
    raw = array.astype(array.dtype.newbyteorder(">")).tobytes() if syntax == ExplicitVRBigEndian else array.tobytes()
    dataset.PixelData = raw + b"\0" * (len(raw) % 2)
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, write_like_original=False)
    report(name, pydicom.dcmread(io.BytesIO(stream.getvalue())), stream.getvalue())


def lut(first, bits, data, vr="US"):
    item = Dataset()
    item.add_new(0x00283002, vr, [len(data), first, bits])
    item.add_new(0x00283006, "OW", numpy.array(data, "<u2").tobytes())
    return Sequence([item])


def make():
    draw = numpy.random.RandomState(7)
    grey = draw.randint(0, 4096, (40, 30)).astype(numpy.uint16)
    signed = draw.randint(-2048, 2048, (25, 33)).astype(numpy.int16)
    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian):
        made(f"made/grey {syntax}", syntax, grey, BitsStored=12, WindowCenter=["2000", "100"], WindowWidth=["1500", "200"])
        made(f"made/signed {syntax}", syntax, signed, PixelRepresentation=1, RescaleSlope="1.5", RescaleIntercept="-24.25", WindowCenter="0", WindowWidth="900", VOILUTFunction="SIGMOID")
    made("made/monochrome1", ExplicitVRLittleEndian, grey, BitsStored=12, PhotometricInterpretation="MONOCHROME1", WindowCenter="2048", WindowWidth="4096", VOILUTFunction="LINEAR_EXACT")
    made("made/frames", ExplicitVRLittleEndian, draw.randint(0, 256, (11, 7)).astype(numpy.uint8))
    frames = draw.randint(0, 256, (3, 11, 7)).astype(numpy.uint8)
    made("made/three frames", ExplicitVRLittleEndian, frames, NumberOfFrames="3", Rows=11, Columns=7)
    made("made/wide", ExplicitVRLittleEndian, draw.randint(-2**31, 2**31, (9, 9)).astype(numpy.int32), PixelRepresentation=1)
    made("made/modality table", ExplicitVRLittleEndian, grey, BitsStored=12, ModalityLUTSequence=lut(100, 16, [(7 * i) % 5000 for i in range(3000)]))
    made("made/display table", ExplicitVRLittleEndian, grey, BitsStored=12, VOILUTSequence=lut(500, 10, [min(1023, i // 2) for i in range(2500)]))
    made("made/signed display table", ImplicitVRLittleEndian, signed, PixelRepresentation=1, VOILUTSequence=lut(-1000, 10, [i % 1024 for i in range(2000)], vr="SS"))
    color = draw.randint(0, 256, (20, 14, 3)).astype(numpy.uint8)
    made("made/rgb", ExplicitVRLittleEndian, color, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    made("made/rgb in planes", ExplicitVRLittleEndian, numpy.ascontiguousarray(color.transpose(2, 0, 1)), SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=1, Rows=20, Columns=14)
    made("made/ybr", ExplicitVRLittleEndian, color, SamplesPerPixel=3, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=0)
    for bits in (8, 16):
        def table(step):
            return numpy.array([(step * i) % (1 << bits) for i in range(200)], "<u2" if bits == 16 else "u1").tobytes()
        made(f"made/palette {bits}", ExplicitVRLittleEndian, draw.randint(0, 256, (16, 16)).astype(numpy.uint8), PhotometricInterpretation="PALETTE COLOR",
             RedPaletteColorLookupTableDescriptor=[200, 10, bits], GreenPaletteColorLookupTableDescriptor=[200, 10, bits], BluePaletteColorLookupTableDescriptor=[200, 10, bits],
             RedPaletteColorLookupTableData=table(311), GreenPaletteColorLookupTableData=table(97), BluePaletteColorLookupTableData=table(13))


data = os.path.join(os.path.dirname(pydicom.__file__), "data")
for path in sorted(glob.glob(os.path.join(data, "test_files", "**", "*"), recursive=True)) + sorted(glob.glob(os.path.join(data, "charset_files", "*"))):
    if os.path.isdir(path):
        continue
    try:
        read = pydicom.dcmread(path)
        read.decode()
    except Exception:
        print(json.dumps({"file": path, "refused": True}))
        continue
    report(path, read)
make()
