"""Every patient's deposits can be seen in his microscope's images."""

import numpy as np

from services.training.phantom import Patient
from services.training.phantom.visibility import LEAST_SHARE, PLASMA, ROSE, lightest_visible


def test_deposits_of_every_patient_stand_out_from_membrane_and_noise() -> None:
    # Given many patients of a population
    patients = [Patient.draw(17, number) for number in range(400)]

    for patient in patients:
        # When his deposits' contrast is computed through his microscope
        respond, greys = patient.microscope.respond, patient.greys
        contrast = float(respond(greys.membrane) - respond(greys.deposit))
        spread = float(respond(PLASMA) - respond(0.0))

        # Then it is a fair share of the range, and well above the noise of a 0.2 um disc
        assert contrast >= LEAST_SHARE * spread - 1e-6
        assert contrast >= ROSE * 0.2 * patient.microscope.noise


def test_more_noise_asks_for_more_contrast() -> None:
    # Given a microscope, and the same one with much more noise
    quiet = Patient.draw(1, 1).microscope
    loud = type(quiet)(**{**vars(quiet), "noise": 0.12, "noise_px": 1.0})

    # When the lightest visible deposit is asked for
    # Then it is darker in the noisier images
    assert lightest_visible(0.5, loud) < lightest_visible(0.5, quiet) < 0.5


def test_greys_of_structures_come_in_any_order() -> None:
    # Given many patients
    greys = [Patient.draw(17, number).greys for number in range(200)]

    # When deposits are held against foot processes, red cells and chromatin
    # Then they are sometimes darker and sometimes lighter than each
    for name in ("foot", "red_cell", "chromatin"):
        darker = np.array([one.deposit < getattr(one, name) for one in greys])
        assert 0.03 < darker.mean() < 0.97
