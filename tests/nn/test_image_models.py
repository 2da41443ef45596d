"""Models of images ported as a PyTorch user would write them, each trained until it has learned."""

import numpy as np

import autograd as ag
import nn
from nn import functional as F

# --- U-Net: which pixels belong to a disk, and which to a square ----------------------------------


class Block(nn.Sequential):
    def __init__(self, c_in, c_out):
        convolution = nn.Conv2d(c_in, c_out, 3, padding=1, padding_mode="replicate", bias=False)
        super().__init__(convolution, nn.BatchNorm2d(c_out), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, classes=3, width=8):
        super().__init__()
        self.down1, self.down2 = Block(1, width), Block(width, 2 * width)
        self.bottom = Block(2 * width, 4 * width)
        self.up2 = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.merge2 = Block(4 * width, 2 * width)
        self.up1 = nn.Upsample(scale_factor=2, mode="bilinear")
        self.merge1 = Block(3 * width, width)
        self.out = nn.Conv2d(width, classes, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        first = self.down1(x)
        second = self.down2(self.pool(first))
        bottom = self.bottom(self.pool(second))
        x = self.merge2(ag.concatenate([self.up2(bottom), second], axis=1))
        x = self.merge1(ag.concatenate([self.up1(x), first], axis=1))
        return self.out(x)


def shapes(rng, n, size=16):
    """Noisy images of a disk and a square, and the class of each pixel."""
    rows, columns = np.indices((size, size))
    images, classes = np.zeros((n, 1, size, size)), np.zeros((n, size, size), int)
    for image, label in zip(images, classes, strict=True):
        (a, b), (c, d) = rng.uniform(3, size - 3, (2, 2))
        disk = (rows - a) ** 2 + (columns - b) ** 2 < 9.0
        square = (abs(rows - c) < 2.5) & (abs(columns - d) < 2.5) & ~disk
        label[disk], label[square] = 1, 2
        image[0] = disk + square + rng.normal(scale=0.1, size=(size, size))
    return images.astype(np.float32), classes


def test_a_u_net_tells_disks_from_squares():
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    model = UNet().float()
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)

    @ag.compile
    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(250):
        step(*shapes(rng, 16))
    assert step.programs
    x, y = shapes(rng, 64)
    with ag.no_grad():
        found = model.eval()(x).argmax(1)
    overlap = [((found == c) & (y == c)).sum() / ((found == c) | (y == c)).sum() for c in (1, 2)]
    assert min(overlap) > 0.75, overlap


# --- Spatial transformer: digits that are moved, and a grid that moves them back -------------------

FONT = {
    2: ["111", "001", "111", "100", "111"],
    4: ["101", "101", "111", "001", "001"],
    7: ["111", "001", "001", "001", "001"],
}


class SpatialTransformer(nn.Module):
    """Looks at an image, decides on an affine map, and classifies what the map makes of it."""

    def __init__(self, classes):
        super().__init__()
        self.localize = nn.Sequential(
            nn.AvgPool2d(2), nn.Flatten(), nn.Linear(144, 32), nn.Tanh(), nn.Linear(32, 6)
        )
        nn.init.zeros_(self.localize[-1].weight)
        self.localize[-1].bias.data = np.array([1.0, 0, 0, 0, 1.0, 0])
        self.classify = nn.Sequential(nn.Flatten(), nn.Linear(144, classes))

    def forward(self, x):
        theta = self.localize(x).reshape((-1, 2, 3))
        grid = F.affine_grid(theta, (len(x), 1, 12, 12), align_corners=False)
        seen = F.grid_sample(x, grid, align_corners=False)
        return self.classify(seen), seen


def distorted_digits(rng, n):
    """Digits rotated, stretched and moved in images of 24 × 24, and the class of each."""
    glyphs = np.array([[[int(c) for c in row] for row in rows] for rows in FONT.values()], float)
    y = rng.integers(0, len(glyphs), n)
    angle, zoom = rng.uniform(-0.5, 0.5, n), rng.uniform(2.2, 3.0, n)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * zoom
    shift = -np.einsum("ijn,jn->in", turn, rng.uniform(-0.6, 0.6, (2, n)))
    theta = np.concatenate([turn.transpose(2, 0, 1), shift.T[..., None]], axis=-1)
    theta[:, 0] *= 5 / 3  # a glyph is taller than wide
    grid = F.affine_grid(theta, (n, 1, 24, 24), align_corners=False)
    return F.grid_sample(glyphs[y][:, None], grid, align_corners=False), y


def distance_from_the_middle(images):
    """The mean distance of the centre of mass from that of the image, in halves of a side."""
    images = images[:, 0]
    places = np.linspace(-1, 1, images.shape[-1])
    mass = images.sum((1, 2)) + 1e-9
    x = (images.sum(1) * places).sum(1) / mass
    y = (images.sum(2) * places).sum(1) / mass
    return float(np.hypot(x, y).mean())


def test_a_spatial_transformer_moves_digits_to_the_middle():
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    model = SpatialTransformer(len(FONT))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.005)

    @ag.compile
    def step(x, y):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x)[0], y)
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(500):
        step(*distorted_digits(rng, 64))
    assert step.programs
    x, y = distorted_digits(rng, 500)
    with ag.no_grad():
        logits, seen = model(x)
    assert (logits.argmax(1) == y).mean() > 0.9
    assert distance_from_the_middle(seen.data) < 0.7 * distance_from_the_middle(x)
