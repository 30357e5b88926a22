"""`densa train`: a network from labelled micrographs."""

from services.training.commands import train_options as options
from services.training.commands.terminal import require_training


def train(
    *,
    data: options.Data,
    run: options.Run,
    network: options.Network = "shared",
    size: options.Size = 224,
    pixel_size_nm: options.PixelSize = 46.0,
    start: options.Start = None,
    imagenet: options.Imagenet = None,
    epochs: options.Epochs = 12,
    crop_epochs: options.CropEpochs = None,
    crop: options.Crop = 128,
    patience: options.Patience = 0,
    batch: options.Batch = 32,
    learning_rate: options.LearningRate = 2e-3,
    map_weight: options.MapWeight = 1.0,
    balance: options.Balance = 0.3,
    seed: options.Seed = 1,
    validation_share: options.ValidationShare = 0.12,
    calibration_share: options.CalibrationShare = 0.12,
    test_share: options.TestShare = 0.12,
    device: options.Device = "auto",
    threads: options.Threads = 2,
) -> None:
    """Train a ResNet18 for presence and location of deposits, on a CPU or a GPU.

    The manifest is checked first, and every problem is listed at once. Patients
    are split, never images; a `split` column of the manifest is kept to. The
    run's folder keeps settings, split, versions, a row of metrics and a picture
    per epoch. A run that was killed or stopped with Ctrl-C goes on when the same
    command is given again, and ends as if it had not been.

    For example:

        densa train --data data/train/manifest.csv --run runs/first
    """
    require_training()
    from services.training.commands.train_steps import Begin, train_as_asked
    from services.training.config import TrainConfig

    config = TrainConfig(
        seed=seed,
        validation_share=validation_share,
        calibration_share=calibration_share,
        test_share=test_share,
        network=network,
        size=size,
        pixel_size_nm=pixel_size_nm,
        crop=crop,
        epochs=epochs,
        patience=patience,
        batch=batch,
        learning_rate=learning_rate,
        map_weight=map_weight,
        balance=balance,
        threads=threads,
    )
    train_as_asked(data, run, config, Begin(crop_epochs, device, start, imagenet))
