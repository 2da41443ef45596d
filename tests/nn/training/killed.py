"""A training to be killed: `python killed.py FILE PAUSE` trains with a checkpoint after every second batch.

It says "training" when it begins, and prints all weights as hexadecimal numbers when it ends. PAUSE, in
seconds, makes steps and the writing of files slow enough to be hit.
"""

import os
import sys
import time

import numpy as np

import autograd as ag
import nn

path, pause = sys.argv[1], float(sys.argv[2])

if pause:
    swift = os.replace

    def slow_replace(old: str, new: str) -> None:
        time.sleep(pause)
        swift(old, new)

    os.replace = slow_replace

ag.random.seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(50, 4))
noisy = nn.Dropout(0.2, generator=np.random.default_rng(8))
model = nn.Sequential(
    nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), noisy, nn.Dropout(0.3), nn.Linear(8, 1)
)
optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
loader = nn.data.DataLoader(nn.data.TensorDataset(x, x[:, :1] ** 2), batch_size=6, shuffle=True)


def loss(output: ag.Tensor, target: np.ndarray) -> ag.Tensor:
    time.sleep(pause)
    return nn.functional.mse_loss(output, target)


print("training", flush=True)
history = nn.fit(
    model,
    loader,
    loss,
    optimizer,
    epochs=45,
    validation=[(x, x[:, :1] ** 2)],
    scheduler=nn.optim.OneCycleLR(optimizer, 0.02, total_steps=410),
    scheduler_every="batch",
    early_stopping=nn.EarlyStopping(patience=1000),
    checkpoint=nn.Checkpoint(path, every_steps=2),
    progress=False,
)
for name, array in model.state_dict().items():
    print(name, array.tobytes().hex())
print([float.hex(number) for numbers in history.values() for number in numbers])
