"""What is to be drawn: how many patients and micrographs, how large, at which scale."""

from dataclasses import asdict, dataclass, replace
from math import ceil

import cv2
import numpy as np

from services.training.phantom import DRAWING_VERSION, Field, Patient, draw_field
from services.training.phantom.field import LARGEST_FIELD_PX, SHORTEST_FIELD_NM
from services.training.phantom.microscope import FINEST_NM, MAGNIFICATIONS

PAPER_PATIENTS, PAPER_IMAGES = 1039, 4303
"""The published cohort: 4,303 micrographs of 1,039 biopsies."""

OTHER_MAGNIFICATION = 0.25
"""Share of a patient's micrographs that are not taken at his usual magnification."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to draw."""

    seed: int
    patients: int
    fields: int
    """Micrographs per patient; the least, where `images` is given."""
    size: int
    """Height and width in pixels."""
    pixel_size_nm: float | None
    """None takes each patient's microscope with its own pixel sizes and file format."""
    oversample: int = 1
    """Draw this many times finer, then average: as a camera does."""
    images: int | None = None
    """All micrographs together, spread unevenly over the patients; None: `fields` for each."""

    def jobs(self) -> list["Job"]:
        """One job for each micrograph, by patient."""
        counts = np.full(self.patients, self.fields)
        if self.images is not None:
            spare = self.images - self.fields * self.patients
            shares = np.full(self.patients, 1.0 / self.patients)
            counts = counts + np.random.default_rng([self.seed, 0]).multinomial(spare, shares)
        return [
            Job(self, patient, field)
            for patient, count in enumerate(counts)
            for field in range(int(count))
        ]

    def check(self) -> None:
        """Raises ValueError, with the sizes that work, where a micrograph cannot be drawn."""
        # All patients are asked only where the finest of all microscopes would be too fine.
        if self.size * (self.pixel_size_nm or FINEST_NM) < SHORTEST_FIELD_NM:
            self._check_finest(min(job.pixel_size_nm for job in self.jobs()))
        most = LARGEST_FIELD_PX // self.oversample
        if self.size > most:
            raise ValueError(
                f"images of {self.size} pixels are too large: drawn with --oversample "
                f"{self.oversample}, they have more than {LARGEST_FIELD_PX} pixels a side. Give "
                f"--size {most} or less"
            )

    def _check_finest(self, finest: float) -> None:
        least = ceil(SHORTEST_FIELD_NM / finest)
        if self.size < least:
            raise ValueError(
                f"images of {self.size} pixels are too small: the finest of this order have pixels "
                f"of {finest:.4g} nm, and a field must be {SHORTEST_FIELD_NM / 1000:g} um wide. "
                f"Give --size {least} or more"
            )

    def fingerprint(self) -> dict[str, object]:
        """What decides the pixels: two orders with the same fingerprint draw the same files."""
        return {"drawing": DRAWING_VERSION, **asdict(self)}


def paper_cohort(seed: int, size: int = 1024) -> Order:
    """As many patients and micrographs as the published cohort, at 5 to 30 nm per pixel."""
    return Order(seed, PAPER_PATIENTS, 1, size, pixel_size_nm=None, images=PAPER_IMAGES)


@dataclass(frozen=True, slots=True)
class Job:
    """One micrograph of an order."""

    order: Order
    patient: int
    field: int

    @property
    def name(self) -> str:
        """File name without suffix."""
        return f"p{self.patient:05d}-f{self.field:02d}"

    @property
    def native(self) -> bool:
        """Whether the microscope decides pixel size and file format."""
        return self.order.pixel_size_nm is None

    def subject(self) -> Patient:
        """The patient, with his microscope at this micrograph's magnification."""
        patient = Patient.draw(self.order.seed, self.patient)
        rng = np.random.default_rng([self.order.seed, self.patient, 1 + self.field, 1])
        if not self.native or rng.random() >= OTHER_MAGNIFICATION:
            return patient
        other = int(rng.choice(MAGNIFICATIONS))
        return replace(patient, microscope=replace(patient.microscope, magnification=other))

    @property
    def pixel_size_nm(self) -> float:
        """Edge of a pixel of the micrograph."""
        return self.order.pixel_size_nm or self.subject().microscope.pixel_size_nm

    def draw(self) -> Field:
        """The micrograph, averaged down where the order says so."""
        order, patient, pixel = self.order, self.subject(), self.pixel_size_nm
        factor = order.oversample
        side = order.size * factor
        drawn = draw_field(patient, self.field, side, side, pixel / factor)
        if factor == 1:
            return drawn
        size = (order.size, order.size)
        exposure = cv2.resize(drawn.exposure, size, interpolation=cv2.INTER_AREA)
        mask = cv2.resize(drawn.mask, size, interpolation=cv2.INTER_NEAREST)
        return replace(
            drawn,
            exposure=np.asarray(exposure, np.float32),
            mask=np.asarray(mask, np.uint8),
            pixel_size_nm=pixel,
        )
