"""Codes for what is measured and how (PS3.16 CID 7469 and context groups around TID 1500), and UCUM units."""

from __future__ import annotations

from typing import Final

from pydicom.sr.coding import Code

from archive.annotations.annotation import Kind

SCHEME: Final = "99NOCTIS"
"""Private scheme of the methods: how the points of a shape were drawn, so that it comes back as it was."""

UCUM: Final = {
    "": ("1", "no units"),
    "px": ("{pixels}", "pixels"),
    "px2": ("{pixels}", "square pixels"),
    "mm": ("mm", "millimeter"),
    "mm2": ("mm2", "square millimeter"),
    "cm": ("cm", "centimeter"),
    "cm2": ("cm2", "square centimeter"),
    "cm2/s": ("cm2/s", "square centimeter per second"),
    "cm3": ("cm3", "cubic centimeter"),
    "cm3/s": ("cm3/s", "cubic centimeter per second"),
    "cm/s": ("cm/s", "centimeter per second"),
    "s": ("s", "second"),
    "Hz": ("Hz", "hertz"),
    "%": ("%", "percent"),
    "dB": ("dB", "decibel"),
    "dB/s": ("dB/s", "decibel per second"),
    "deg": ("deg", "degree"),
    "HU": ("[hnsf'U]", "Hounsfield unit"),
    "BQML": ("Bq/ml", "Becquerels/milliliter"),
    "GML": ("g/ml{SUVbw}", "Standardized Uptake Value body weight"),
    "CNTS": ("{counts}", "counts"),
}


def unit(name: str) -> Code:
    """Return the UCUM code of a unit as Noctis writes it; an unknown one is an annotation of unity."""
    value, meaning = UCUM.get(name, (f"{{{_annotation(name)}}}", name[:64]))
    return Code(value, "UCUM", meaning)


def _annotation(name: str) -> str:
    letters = "".join(letter for letter in name if letter.isascii() and letter.isalnum())
    return letters[:14] or "unit"


def method(kind: Kind) -> Code:
    """Return the code that says what was drawn."""
    return Code(kind.value, SCHEME, kind.value.capitalize())


def kind_of(code_value: str, scheme: str) -> Kind | None:
    """Return what was drawn, None when the code is another program's."""
    return named_kind(code_value) if scheme == SCHEME else None


def named_kind(name: str) -> Kind | None:
    """Return the kind of that name, None when there is none."""
    return next((kind for kind in Kind if kind.value == name), None)


def quantity(kind: Kind, unit_name: str) -> Code:
    """Return the concept name of what a shape measures first."""
    match kind:
        case Kind.LENGTH | Kind.POLYLINE:
            return Code("410668003", "SCT", "Length")
        case Kind.ANGLE:
            return Code("1483009", "SCT", "Angle")
        case Kind.COBB:
            return Code("285285000", "SCT", "Cobb angle")
        case _:
            return intensity(unit_name)


def intensity(unit_name: str) -> Code:
    """Return the concept name of pixel values."""
    match unit_name:
        case "HU":
            return Code("112031", "DCM", "Attenuation Coefficient")
        case "GML":
            return Code("126401", "DCM", "SUVbw")
        case _:
            return Code("pixel value", SCHEME, "Pixel value")


def extent(unit_name: str) -> Code:
    """Return the concept name of how far ends lie apart along one axis of a spectrum or an M-mode."""
    match unit_name:
        case "cm":
            return Code("121206", "DCM", "Distance")
        case "s":
            return Code("110858", "DCM", "Time")
        case "cm/s":
            return Code("110828", "DCM", "Flow Velocity")
        case _:
            return Code("extent", SCHEME, "Extent along an axis")


def area() -> Code:
    """Return the concept name of an area."""
    return Code("42798000", "SCT", "Area")


def derivations() -> dict[str, Code]:
    """Return the codes of statistics over a region, by the field of a measurement (CID 7464)."""
    return {
        "mean": Code("373098007", "SCT", "Mean"),
        "sd": Code("386136009", "SCT", "Standard Deviation"),
        "min": Code("255605001", "SCT", "Minimum"),
        "max": Code("56851009", "SCT", "Maximum"),
    }
