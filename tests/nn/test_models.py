"""The models that textbooks and interviews ask for, written as a newcomer would, and trained."""

import numpy as np
import pytest

import autograd as ag
import nn


class SimpleNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 10)
        self.fc2 = nn.Linear(10, 10)
        self.fc3 = nn.Linear(10, 1)

    def forward(self, x):
        x = ag.relu(self.fc1(x))
        x = ag.relu(self.fc2(x))
        return self.fc3(x)


def test_one_step_of_a_simple_net():
    ag.random.seed(0)
    model = SimpleNet()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.01)
    before = model(np.ones((1, 10))).item()
    output = model(np.ones((1, 10)))
    optimizer.zero_grad()
    output.backward()
    optimizer.step()
    assert model(np.ones((1, 10))).item() < before
    assert all(p.grad is not None for p in model.parameters())


class DeepNet(nn.Module):
    def __init__(self, depth=50, residual=False, kaiming=False):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(10, 10) for _ in range(depth)])
        self.fc_out = nn.Linear(10, 1)
        self.residual = residual
        if kaiming:
            for layer in self.layers:
                nn.init.kaiming_normal_(layer.weight)

    def forward(self, x):
        for layer in self.layers:
            x = x + ag.relu(layer(x)) * 0.1 if self.residual else ag.relu(layer(x))
        return self.fc_out(x)


def test_gradients_vanish_in_a_deep_net_and_a_cure_brings_them_back():
    x = np.random.default_rng(0).normal(size=(16, 10))

    def first_share(**options):
        ag.random.seed(1)
        model = DeepNet(**options)
        model(x).sum().backward()
        norms = [float(np.linalg.norm(layer.weight.grad)) for layer in model.layers]
        return norms[0] / norms[-1]

    assert first_share() < 1e-10
    assert first_share(kaiming=True) > 1e-4
    assert first_share(residual=True) > 0.05


def test_a_three_layer_perceptron_learns_a_circle():
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (256, 2))
    y = ((x**2).sum(axis=1) < 0.5).astype(int)
    model = nn.MLP([2, 32, 16, 2], init="kaiming")
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.02)
    history = nn.fit(model, [(x, y)], nn.CrossEntropyLoss(), optimizer, 100, metrics=["accuracy"])
    assert history["accuracy"][-1] > 0.97


END = 2


class WordModel(nn.Module):
    def __init__(self, vocabulary, embed_size, hidden_size, num_layers=1):
        super().__init__()
        self.num_layers, self.hidden_size = num_layers, hidden_size
        self.embed = nn.Embedding(vocabulary, embed_size)
        self.rnn = nn.RNN(embed_size, hidden_size, num_layers, batch_first=True)
        self.linear = nn.Linear(hidden_size, vocabulary)

    def forward(self, tokens):
        outputs, _ = self.rnn(self.embed(tokens))
        return self.linear(outputs)

    @ag.no_grad()
    def sample(self, start_token, max_len=5):
        sampled = []
        inputs = np.array([[start_token]])
        h = np.zeros((self.num_layers, 1, self.hidden_size))
        for _ in range(max_len):
            outputs, h = self.rnn(self.embed(inputs), h)
            token = int(self.linear(outputs[:, 0]).argmax(axis=1)[0])
            sampled.append(token)
            if token == END:
                break
            inputs = np.array([[token]])
        return sampled


def test_a_recurrent_network_repeats_a_sentence_and_sample_cuts_it_at_five_tokens():
    ag.random.seed(0)
    words = ["<start>", "it", "<end>", "is", "raining", "cats", "and", "dogs", "today"]
    sentence = [0, 1, 3, 4, 5, 6, 7, 8, END]
    model = WordModel(len(words), 8, 24)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
    tokens = np.array([sentence])
    for _ in range(60):
        optimizer.zero_grad()
        logits = model(tokens[:, :-1])
        loss = nn.functional.cross_entropy(logits.reshape(-1, len(words)), tokens[:, 1:].ravel())
        loss.backward()
        nn.optim.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    assert model.sample(0, max_len=20) == sentence[1:]
    assert [words[i] for i in model.sample(0)] == ["it", "is", "raining", "cats", "and"]


class Generator(nn.Module):
    def __init__(self, noise_dim=4, label_dim=2, output_dim=2):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(noise_dim + label_dim, 24), nn.ReLU(), nn.Linear(24, output_dim), nn.Tanh()
        )

    def forward(self, noise, labels):
        return self.net(np.concatenate([noise, labels], axis=1))


class Discriminator(nn.Module):
    def __init__(self, input_dim=2, label_dim=2):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(input_dim + label_dim, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1), nn.Sigmoid()
        )

    def forward(self, x, labels):
        return self.net(ag.concatenate([x, labels], axis=1))


def test_a_conditional_gan_puts_its_samples_where_their_label_says():
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    centres = np.array([[-0.6, 0.0], [0.6, 0.0]])
    g, d = Generator(), Discriminator()
    steps_g = nn.optim.Adam(g.parameters(), lr=2e-3, betas=(0.5, 0.999))
    steps_d = nn.optim.Adam(d.parameters(), lr=4e-3, betas=(0.5, 0.999))
    loss = nn.BCELoss()
    for _ in range(400):
        classes = rng.integers(0, 2, 32)
        labels = ag.one_hot(classes, 2)
        real = centres[classes] + 0.05 * rng.normal(size=(32, 2))
        fake = g(rng.normal(size=(32, 4)), labels)
        steps_d.zero_grad()
        (loss(d(real, labels), 1.0) + loss(d(fake.detach(), labels), 0.0)).backward()
        steps_d.step()
        steps_g.zero_grad()
        loss(d(fake, labels), 1.0).backward()
        steps_g.step()
    with ag.no_grad():
        samples = [
            g(rng.normal(size=(200, 4)), np.tile(np.eye(2)[c], (200, 1))).numpy() for c in (0, 1)
        ]
    assert (samples[0][:, 0] < 0).mean() > 0.95 and (samples[1][:, 0] > 0).mean() > 0.95
    assert abs(samples[0].mean(axis=0) - centres[0]).max() < 0.3


def test_a_small_convolutional_network_learns():
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 96)
    x = rng.normal(size=(96, 1, 8, 8)) * 0.3
    x[y == 0, 0, 2, :] += 1.0  # a line across, or down
    x[y == 1, 0, :, 2] += 1.0
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 2)
    )  # fmt: skip
    loader = nn.data.DataLoader(nn.data.TensorDataset(x, y), 16, shuffle=True)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
    history = nn.fit(model, loader, nn.CrossEntropyLoss(), optimizer, 6, metrics=["accuracy"])
    assert history["accuracy"][-1] > 0.97


@pytest.mark.parametrize("causal", [False, True])
def test_a_small_transformer_copies_what_it_may_see(causal):
    ag.random.seed(0)
    rng = np.random.default_rng(0)
    embed = nn.Sequential(nn.Embedding(5, 16), nn.PositionalEncoding(16, batch_first=True))
    encoder = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
    head = nn.Linear(16, 5)
    model = nn.ModuleList([embed, encoder, head])
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(150):
        tokens = rng.integers(0, 5, (16, 6))
        optimizer.zero_grad()
        # Each place asks for the token at the next one: to be seen, unless attention is causal.
        logits = head(encoder(embed(tokens), is_causal=causal))[:, :-1]
        loss = nn.functional.cross_entropy(logits.reshape(-1, 5), tokens[:, 1:].ravel())
        loss.backward()
        optimizer.step()
    assert (loss.item() > 1.4) == causal
    assert causal or loss.item() < 0.8
